"""
Writes the pages that are made from the language: `python -m ccm_flow.language.reference`.

Run it at the top of a checkout. `--check` writes nothing and fails when a page is out of date.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from ccm_flow.language.json_schema import json_schema
from ccm_flow.language.messages_page import messages_page, read_examples
from ccm_flow.language.reference_page import reference_page
from ccm_flow.language.rules_check import check_rule_files
from ccm_flow.language.rules_page import rule_messages_page, with_codes


def pages(checkout: Path) -> Mapping[Path, str]:
    """Give every generated page of a checkout and its place."""
    docs = checkout / "docs"
    examples = read_examples(checkout / "tests" / "spec" / "mistakes")
    billing = docs / "billing-rules.md"
    return {
        docs / "playbook-reference.md": reference_page(),
        docs / "messages.md": messages_page(examples),
        docs / "rule-messages.md": rule_messages_page(checkout / "tests/spec/rule_mistakes"),
        billing: _with_codes(billing.read_text(encoding="utf-8"), checkout / "rules" / "billing"),
        docs / "playbook.schema.json": json.dumps(json_schema(), indent=2) + "\n",
    }


def _with_codes(page: str, rules: Path) -> str:
    texts = [(file.read_text(encoding="utf-8"), file.name) for file in sorted(rules.glob("*.yaml"))]
    shelf = check_rule_files(texts).shelf
    return page if shelf is None else with_codes(page, shelf.books)


def out_of_date(checkout: Path) -> list[Path]:
    """Name the pages that differ from what the program says now."""
    return [
        path
        for path, text in pages(checkout).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are out of date."""
    checkout = Path.cwd()
    if "--check" in arguments:
        stale = out_of_date(checkout)
        sys.stdout.writelines(f"{path} is out of date.\n" for path in stale)
        return 1 if stale else 0
    for path, text in pages(checkout).items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
