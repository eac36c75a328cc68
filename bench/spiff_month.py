"""
The month's steps as a BPMN process on SpiffWorkflow; run by the bench in an environment of its own.

`python spiff_month.py PATIENTS STEPS`: each patient's month has so many human steps. Prints JSON.
SpiffWorkflow is LGPL and no part of the product; nothing else imports it.
"""

import io
import json
import sys
import time

from SpiffWorkflow.bpmn import BpmnWorkflow  # type: ignore[import-not-found]
from SpiffWorkflow.bpmn.parser import BpmnParser  # type: ignore[import-not-found]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-not-found]

STEPS = (
    "prepare",
    "medication_review",
    "outreach",
    "care_plan_update",
    "minutes_check",
    "sign_off",
    "billing_handoff",
)
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="bench">
<process id="month" isExecutable="true">"""


def diagram() -> str:
    """Write the process: review and call side by side, the call again until somebody answers."""
    flows = [
        ("start", "prepare"),
        ("prepare", "split"),
        ("split", "medication_review"),
        ("split", "outreach"),
        ("outreach", "reached"),
        ("reached", "care_plan_update"),
        ("medication_review", "join"),
        ("care_plan_update", "join"),
        ("join", "minutes_check"),
        ("minutes_check", "sign_off"),
        ("sign_off", "billing_handoff"),
        ("billing_handoff", "end"),
    ]
    parts = [_HEAD, '<startEvent id="start"/>', '<endEvent id="end"/>']
    parts += [f'<userTask id="{step}" name="{step}"/>' for step in STEPS]
    parts += ['<parallelGateway id="split"/>', '<parallelGateway id="join"/>']
    parts.append('<exclusiveGateway id="reached" default="f5"/>')
    parts += [
        f'<sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(flows)
    ]
    parts.append(
        '<sequenceFlow id="again" sourceRef="reached" targetRef="outreach">'
        '<conditionExpression xsi:type="tFormalExpression">tries &gt; 0</conditionExpression>'
        "</sequenceFlow>"
    )
    return "\n".join([*parts, "</process></definitions>"])


def play(spec: object, again: int) -> int:
    """Play one month; the answer is how many human steps it had."""
    workflow, done, tries = BpmnWorkflow(spec), 0, again
    workflow.do_engine_steps()
    while not workflow.is_completed():
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        if task.task_spec.name == "outreach":
            task.data["tries"], tries = tries, tries - 1
        task.run()
        done += 1
        workflow.do_engine_steps()
    return done


def main(patients: int, steps: int) -> None:
    """Measure and print."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(diagram().encode()))
    spec = parser.get_spec("month")
    began = time.process_time()
    done = sum(play(spec, max(0, steps - len(STEPS))) for _ in range(patients))
    print(json.dumps({"steps": done, "seconds": time.process_time() - began}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
