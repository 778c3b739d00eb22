"""Times engines beside one another: all take turns in short slices, as the Rust side does.

A workload is refused unless every engine gives every right answer. What is written is the time of each turn; the tables and
pictures are made by the same program as those of Rust.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Decide = Callable[[int], Any]


@dataclass
class Contender:
    """An engine that has been given a workload, and what it was given."""

    engine: str
    given: str
    decide: Decide


@dataclass
class Workload:
    """Questions with their right answers, and the engines that are asked."""

    id: str
    name: str
    about: str
    expected: Sequence[bool]
    describe: Callable[[int], str]
    contenders: list[Contender]
    #: What is timed with the engines but decides nothing: the attributes that a decision reads.
    floor: Contender
    #: Takes a question and does nothing with it: what this costs is subtracted from all.
    nothing: Decide

    def check(self) -> None:
        """Asks every engine every question.

        :raises SystemExit: with the first question that an engine answers wrongly
        """
        share = sum(self.expected) / len(self.expected)
        if not 0.4 <= share <= 0.6:
            raise SystemExit(f"{self.id}: {share:.0%} of the questions are allowed")
        for contender in self.contenders:
            for question, right in enumerate(self.expected):
                answer = contender.decide(question)
                if answer is not right:
                    asked = self.describe(question)
                    raise SystemExit(f"{self.id}, {asked}: {contender.engine} says {answer}, right is {right}")


def slice_of(decide: Decide, first: int, count: int, questions: int) -> int:
    """The processor time of that many decisions, in nanoseconds."""
    begin = time.thread_time_ns()
    question = first
    for _ in range(count):
        decide(question)
        question += 1
        if question == questions:
            question = 0
    return time.thread_time_ns() - begin


def measure(workload: Workload, rounds: int, seconds: float) -> dict[str, Any]:
    """Checks and times a workload."""
    workload.check()
    contenders = [*workload.contenders, workload.floor, Contender("nothing", "", workload.nothing)]
    turns = in_turn(contenders, rounds, seconds, len(workload.expected))
    empty = turns.pop()
    net = [[max(turn - nothing, 0.0) for turn, nothing in zip(own, empty, strict=True)] for own in turns]
    scenario = {"name": workload.name, "engines": engines(contenders[:-1], net)}
    return {
        "id": workload.id,
        "name": workload.name,
        "about": workload.about,
        "per": "decision",
        "scenarios": [scenario],
    }


def in_turn(contenders: list[Contender], rounds: int, seconds: float, questions: int) -> list[list[float]]:
    """The time that each contender takes for an answer, in each of its turns."""
    counts = [fill(contender.decide, seconds, questions) for contender in contenders]
    firsts = [0] * len(contenders)
    turns: list[list[float]] = [[] for _ in contenders]
    for turn in range(rounds):
        for place in range(len(contenders)):
            index = (place + turn) % len(contenders)
            took = slice_of(contenders[index].decide, firsts[index], counts[index], questions)
            turns[index].append(took / counts[index])
            firsts[index] = (firsts[index] + counts[index]) % questions
    return turns


def engines(contenders: list[Contender], turns: list[list[float]]) -> list[dict[str, Any]]:
    """What is kept of contenders and their turns."""
    return [
        {"engine": contender.engine, "given": contender.given, "turns": own}
        for contender, own in zip(contenders, turns, strict=True)
    ]


def fill(decide: Decide, seconds: float, questions: int) -> int:
    """Warms an engine up and finds how many decisions take that long."""
    count = 1
    while True:
        took = slice_of(decide, 0, count, questions) / 1e9
        if took >= seconds / 2:
            return count
        count = int(count * min(10.0, max(1.5, seconds / max(took, 1e-6)))) + 1


def write(path: str, results: list[dict[str, Any]]) -> None:
    """Keeps the turns for the program that makes the tables."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
