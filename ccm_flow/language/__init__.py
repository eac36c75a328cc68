"""
The playbook language: YAML text in, a compiled plan or all of its problems out.

    result = check_text(text, "ccm_monthly.yaml")
    if result.plan is None:
        print(result.render())
"""

from ccm_flow.language.check import CheckResult, check_document, check_text, load_file
from ccm_flow.language.codes import CODES, Code
from ccm_flow.language.json_schema import json_schema
from ccm_flow.language.problems import Problem, Severity, path_text
from ccm_flow.language.reports import problems_json, problems_sarif
from ccm_flow.language.source import PlaybookSource
from ccm_flow.language.templates import Templates

__all__ = [
    "CODES",
    "CheckResult",
    "Code",
    "PlaybookSource",
    "Problem",
    "Severity",
    "Templates",
    "check_document",
    "check_text",
    "json_schema",
    "load_file",
    "path_text",
    "problems_json",
    "problems_sarif",
]
