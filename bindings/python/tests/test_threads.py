"""Many threads, one policy."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from arctos import Arctos, Limits


class User:
    def __init__(self, n):
        self.n = n


@pytest.fixture
def arctos():
    arctos = Arctos()
    arctos.register_class(User)
    return arctos


def test_threads_share_one_policy(arctos):
    arctos.load_str("allow(u: User, n, _) if u.n = n;")

    def work(k):
        return all(arctos.is_allowed(User(n), n, None) and not arctos.is_allowed(User(n), n + 1, None) for n in range(k, k + 200))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(32)))


def test_reloading_while_others_ask(arctos):
    even = "allow(_, _, _); version(0); other(0);"
    odd = "allow(_, _, _); version(1); other(1);"
    arctos.load_str(even)
    stop = threading.Event()

    def reload():
        n = 0
        while not stop.is_set():
            n += 1
            arctos.reload_str(odd if n % 2 else even)

    def ask(_):
        for _ in range(300):
            [answer] = arctos.query("version(x) and other(y)")
            assert answer["bindings"]["x"] == answer["bindings"]["y"], "a query sees one policy"
            assert arctos.is_allowed("a", "b", "c"), "there is always a policy in force"

    writer = threading.Thread(target=reload)
    writer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, range(4)))
    finally:
        stop.set()
        writer.join()


def test_registering_while_others_ask(arctos):
    arctos.load_str("allow(u: User, 1, _) if u.n = 1;")

    def register(k):
        for n in range(20):
            arctos.register_class(type(f"C{k}_{n}", (User,), {}))

    def ask(_):
        return all(arctos.is_allowed(User(1), 1, None) for _ in range(200))

    with ThreadPoolExecutor(6) as pool:
        registered = [pool.submit(register, k) for k in range(3)]
        assert all(pool.map(ask, range(6)))
        for future in registered:
            future.result()


SLOW = "d(x) if x in [1,2,3,4,5,6,7,8,9,10]; slow() if d(_) and d(_) and d(_) and d(_) and d(_) and d(_) and false;"


def test_long_thinking_lets_others_run(arctos):
    arctos.load_str(SLOW)
    ticks = 0
    longest = 0.0
    done = threading.Event()

    def tick():
        nonlocal ticks, longest
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            longest = max(longest, now - last)
            last = now
            ticks += 1

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        started = time.perf_counter()
        assert arctos.query_rule_once("slow") is False
        took = time.perf_counter() - started
    finally:
        done.set()
        ticker.join()
    assert ticks > took / 0.1, f"{ticks} ticks in {took:.2f} s"
    assert longest < 0.5, f"the other thread once waited {longest:.2f} s"


def test_one_query_belongs_to_one_reader(arctos):
    """Reading the same answers from inside themselves is an error, not a deadlock."""
    holder = {}

    class Reenters:
        def next(self):
            return next(holder["answers"])

    arctos.register_class(Reenters)
    holder["answers"] = arctos.query("r.next()", bindings={"r": Reenters()})
    with pytest.raises(ValueError, match="already"):
        next(holder["answers"])


def test_a_query_may_move_between_threads(arctos):
    arctos.load_str("f(u) if u in [1, 2, 3];")
    answers = arctos.query("f(x)")
    found = [next(answers)["bindings"]["x"]]
    other = threading.Thread(target=lambda: found.extend(a["bindings"]["x"] for a in answers))
    other.start()
    other.join()
    assert found == [1, 2, 3]


def test_interrupting_a_long_query():
    import _thread

    # More steps than the interrupt takes to come, however fast the machine.
    arctos = Arctos(limits=Limits(steps=10**15, time=60))
    arctos.load_str(SLOW.replace("false", "d(_) and d(_) and d(_) and false"))
    # A shell starts background jobs with the signal ignored, and Python leaves it at that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, _thread.interrupt_main)
    try:
        timer.start()
        started = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            arctos.query_rule_once("slow")
        assert time.perf_counter() - started < 5
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
