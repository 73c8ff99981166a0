"""What every system test finds: the build, and a run as root or not."""
import os
import pathlib

import pytest

import contract
from api import Api

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def pytest_configure(config):
    Api.check = contract.check
    config.addinivalue_line("markers", "slow: waits for a minute or longer")


@pytest.fixture(scope="session")
def build():
    """The build directory whose programs are tested: GATEWRIGHT_BUILD, as ./check sets it."""
    path = pathlib.Path(os.environ.get("GATEWRIGHT_BUILD", ROOT / "build/release"))
    assert (path / "build.ninja").exists(), f"no build at {path}: run ./check system, or set GATEWRIGHT_BUILD"
    return path


def pytest_collection_modifyitems(items):
    """Tests that wait for minutes begin early and apart from each other: side by side they cost no more than the longest."""
    slow = [i for i in items if i.get_closest_marker("slow")]
    others = [i for i in items if not i.get_closest_marker("slow")]
    step = len(others) // (2 * len(slow) + 1) + 1
    for n, item in enumerate(slow):
        others.insert(n * (step + 1), item)
    items[:] = others


def pytest_runtest_makereport(item, call):
    """Say how to run just a failing test."""
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        print(f"run it alone: ./check '{item.nodeid.removeprefix('tests/')}'")
