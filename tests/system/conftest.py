"""What every system test finds: the build, and a run as root or not."""
import os
import pathlib

import pytest

import contract
from api import Api

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def pytest_configure(config):
    Api.check = contract.check
    config.addinivalue_line("markers", "slow(seconds): waits for about so long, and does little meanwhile")


@pytest.fixture(scope="session")
def build():
    """The build directory whose programs are tested: GATEWRIGHT_BUILD, as ./check sets it."""
    path = pathlib.Path(os.environ.get("GATEWRIGHT_BUILD", ROOT / "build/release"))
    assert (path / "build.ninja").exists(), f"no build at {path}: run ./check system, or set GATEWRIGHT_BUILD"
    return path


def pytest_collection_modifyitems(items):
    """Tests that wait for long begin first, the longest beside the shortest: whoever runs several at once gets them in pairs."""
    seconds = {i: mark.args[0] for i in items if (mark := i.get_closest_marker("slow"))}
    slow = sorted(seconds, key=seconds.get)
    pairs = [i for pair in zip(reversed(slow), slow) for i in pair]
    items[:] = pairs[:len(slow)] + [i for i in items if i not in seconds]


def pytest_runtest_makereport(item, call):
    """Say how to run just a failing test."""
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        print(f"run it alone: ./check '{item.nodeid.removeprefix('tests/')}'")
