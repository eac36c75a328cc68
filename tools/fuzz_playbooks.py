"""
Looks for playbooks that the language does not survive, led by what its code does with them.

Usage: python tools/fuzz_playbooks.py [SECONDS] [-- OPTIONS OF LIBFUZZER]

Starts from the shipped playbooks and the seeded mistakes, and breaks them. A text that ends in
anything but a plan or problems, or takes too long, is kept in a file and stops the run. Needs
atheris (`pip install atheris`), which no other part of the project does.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["ccm_flow.language"]):
    from ccm_flow.adapters.templates import load_templates
    from ccm_flow.language import check_text
    from ccm_flow.language.overlay import resolve_playbook
    from tests.language.damage import damage, holds_together

TEMPLATES = load_templates(ROOT / "templates")
PARENT = (ROOT / "playbooks" / "ccm_monthly.yaml").read_text()
MOST_CPU_SECONDS = 4.0
"""For one text; the code that leads the search is several times slower than it is by itself."""
_SECONDS = 60
_SEARCH = "--search"


def one_input(data: bytes) -> None:
    """Check one text, alone and as what a clinic changes in the shipped monthly playbook."""
    text = data.decode("utf-8", errors="surrogateescape")
    began = time.process_time()
    holds_together(check_text(text, "fuzzed.yaml", TEMPLATES))
    holds_together(resolve_playbook(text, "fuzzed.yaml", _parent, TEMPLATES))
    spent = time.process_time() - began
    if spent > MOST_CPU_SECONDS:
        raise AssertionError(f"It took {spent:.1f} s.")


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Break a text as people do, line by line; or, every third time, byte by byte."""
    dice = random.Random(seed)  # noqa: S311 - not a secret
    if dice.randrange(3) == 0:
        return bytes(atheris.Mutate(data, max_size))
    text = data.decode("utf-8", errors="surrogateescape")
    for _ in range(dice.randint(1, 3)):
        text = damage(text, dice)
    return text.encode("utf-8", errors="surrogateescape")[:max_size]


def _parent(reference: str) -> tuple[str, str] | None:
    return (PARENT, "parent.yaml") if reference == "ccm-monthly@1" else None


def seeds(folder: Path) -> None:
    """Put every playbook there is, sound or mistaken, into a folder."""
    places = [ROOT / "playbooks", ROOT / "tests" / "spec" / "mistakes"]
    files = [file for place in places for file in sorted(place.rglob("*.yaml"))]
    for number, file in enumerate(files):
        (folder / f"{number:03d}_{file.name}").write_bytes(file.read_bytes())


def search(corpus: str, seconds: int, options: list[str]) -> None:
    """Search for some seconds; leaves the process, with a code other than 0 after a find."""
    found = Path(tempfile.gettempdir()) / "fuzzed-playbook-"
    bounds = ["-max_len=40000", "-timeout=30", "-rss_limit_mb=1500"]
    settings = [f"-max_total_time={seconds}", *bounds, f"-artifact_prefix={found}", *options]
    atheris.Setup([sys.argv[0], corpus, *settings], one_input, custom_mutator=mutate)
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Search in a process of its own, so that what it leaves can be cleared away."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    options = arguments[len(own) + 1 :]
    seconds = own[0] if own else str(_SECONDS)
    with tempfile.TemporaryDirectory(prefix="fuzzed-playbooks-") as corpus:
        seeds(Path(corpus))
        command = [sys.executable, __file__, _SEARCH, corpus, seconds, *options]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - its own


if __name__ == "__main__":
    if sys.argv[1:2] == [_SEARCH]:
        search(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        sys.exit(main(sys.argv[1:]))
