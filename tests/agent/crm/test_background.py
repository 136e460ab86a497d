"""The background of a process: one thread in each, also after a fork; a mistake ends nothing."""

import os
import threading

from agent.crm.background import Background


def test_a_forked_process_has_a_background_of_its_own() -> None:
    reading, writing = os.pipe()
    worked = threading.Semaphore(0)

    def work() -> None:
        os.write(writing, f"{os.getpid()}\n".encode())
        worked.release()

    background = Background(work, 0.05)
    background.start()
    assert worked.acquire(timeout=20)
    child = os.fork()
    if child == 0:
        worked = threading.Semaphore(0)
        background.start()
        background.start()
        os._exit(0 if worked.acquire(timeout=20) else 1)
    assert os.waitpid(child, 0)[1] == 0
    background.stop()
    os.close(writing)
    with os.fdopen(reading) as said:
        assert {int(line) for line in said} == {os.getpid(), child}


def test_a_mistake_is_logged_and_the_work_goes_on() -> None:
    done = threading.Semaphore(0)

    def work() -> None:
        done.release()
        raise ZeroDivisionError

    background = Background(work, 0.01)
    background.start()
    for _ in range(3):
        assert done.acquire(timeout=20)
    background.stop()
    background.start()
    assert done.acquire(timeout=20)
    background.stop()
