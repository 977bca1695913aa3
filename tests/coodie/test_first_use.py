"""What a verb needs is loaded when one is first called: by however many threads at once, and whole for each of them."""

from __future__ import annotations

import subprocess
import sys

import coodie
import cql_builder
from cql_builder import analysis

PROGRAM = """
import sys, threading
from typing import Annotated

from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver
from coodie_drivers.testing.scripted import ScriptedDriver

class Item(Document):
    number: Annotated[int, PrimaryKey()]

    class Settings:
        keyspace = "ks"

driver = ScriptedDriver()
register_driver("default", driver, default=True)
assert not any(name.startswith("coodie._ops.") for name in sys.modules)
sys.setswitchinterval(1e-6)
together, failed = threading.Barrier(8), []

def work(number):
    together.wait()
    try:
        Item(number=number).save()
        Item.find(number=number).all()
    except BaseException as error:
        failed.append(error)

threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failed, failed
assert any(name.startswith("coodie._ops.") for name in sys.modules)
"""


def test_threads_may_call_the_first_verb_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_names_that_are_loaded_later_are_listed() -> None:
    assert set(coodie.__all__) <= set(dir(coodie))
    assert set(cql_builder.__all__) <= set(dir(cql_builder))
    assert set(analysis.__all__) <= set(dir(analysis))
