"""What every interop test finds: the tools of the build, and how a golden text is held against what was printed."""
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = HERE / "data"
GOLDEN = HERE / "golden"
PASSPHRASE = "correct horse"


@pytest.fixture(scope="session")
def tools():
    """The directory of facts_tool and issue_tool: GATEWRIGHT_SANITIZED, as ./check sets it."""
    path = pathlib.Path(os.environ.get("GATEWRIGHT_SANITIZED", ROOT / "build/sanitized")) / "tests/interop"
    assert (path / "facts_tool").exists(), f"no facts_tool in {path}: run ./check interop, or set GATEWRIGHT_SANITIZED"
    return path


def run(*args, **options):
    """A finished process with its output as text; never a terminal on standard input."""
    options.setdefault("input", "")
    return subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
                          check=False, **options)


def must(*args, **options):
    done = run(*args, **options)
    assert done.returncode == 0, f"{args}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def check_golden(name, text):
    """GOLDEN_UPDATE=1 writes the file instead; look at what changed before it is committed."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN_UPDATE"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"other than {path}; GOLDEN_UPDATE=1 writes it anew"


def pytest_runtest_makereport(item, call):
    """Say how to run just a failing test."""
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        print(f"run it alone: ./check '{item.nodeid.removeprefix('tests/')}'")
