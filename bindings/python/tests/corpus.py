"""Runs files of the corpus through the Python package: their toy classes become real Python classes.

The format is described in ``corpus/README.md`` at the root of the repository.
"""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arctos import Arctos, Expression, Limits, OsoError, Variable
from arctos.polar import exceptions as e

ROOT = Path(__file__).parents[3] / "corpus"
LIMITS = {"steps": 200_000, "time": 0.0}


class Raised(Exception):
    """What a toy field or method raises."""


# ---- reading files ----


@dataclass
class Section:
    kind: str
    argument: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)

    @property
    def expected(self) -> list[str]:
        lines = [line.strip() for line in self.lines]
        return [line for line in lines if line and not line.startswith("#")]


@dataclass
class File:
    path: Path
    run: list[str] = field(default_factory=list)
    limits: dict[str, Any] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Section]:
        return [section for section in self.sections if section.kind == kind]


def read(path: Path) -> File:
    file = File(path)
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("---- "):
            kind, _, argument = line[5:].strip().partition(" ")
            file.sections.append(Section(kind, argument.strip()))
        elif file.sections:
            file.sections[-1].lines.append(line.removesuffix("\r"))
        elif line.startswith("run:"):
            file.run = line[4:].split()
        elif line.startswith("limits:"):
            words = line[7:].split()
            file.limits = {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
    for section in file.sections:
        while section.lines and not section.lines[-1].strip():
            section.lines.pop()
    return file


def files() -> list[File]:
    found = [read(path) for path in sorted(ROOT.rglob("*.test"))]
    return [file for file in found if "python" in file.run]


# ---- the toy application ----


class Toy:
    """The base of all toy objects."""

    _takes: tuple[str, ...] = ()
    _equal_by: str | None = None
    _ordered_by: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(args) > len(self._takes):
            raise TypeError(f"{type(self).__name__} takes {len(self._takes)} positional arguments")
        self.__dict__.update(zip(self._takes, args, strict=False))
        self.__dict__.update(kwargs)

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if isinstance(value, Raise):
            raise Raised(value.message)
        return value

    def __eq__(self, other: object) -> bool:
        if self is other or self._equal_by is None or type(self) is not type(other):
            return self is other
        missing = object()
        mine = self.__dict__.get(self._equal_by, missing)
        return mine is not missing and mine == other.__dict__.get(self._equal_by, missing)

    __hash__ = object.__hash__

    def _key(self, other: Any) -> tuple[Any, Any]:
        if self._ordered_by is None or getattr(other, "_ordered_by", None) is None:
            raise TypeError("these have no order")
        return getattr(self, self._ordered_by), getattr(other, other._ordered_by)

    def __lt__(self, other: Any) -> bool:
        a, b = self._key(other)
        return a < b

    def __le__(self, other: Any) -> bool:
        a, b = self._key(other)
        return a <= b

    def __gt__(self, other: Any) -> bool:
        a, b = self._key(other)
        return a > b

    def __ge__(self, other: Any) -> bool:
        a, b = self._key(other)
        return a >= b


@dataclass
class Raise:
    message: str


SELF = object()
ANY = object()


class Method:
    """All lines ``method Class.name(…) = …`` of one class and name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[tuple[bool, list[Any], dict[str, Any], Any]] = []

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner

    def __get__(self, instance: Any, owner: type) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            for of_class, wanted, words, result in self.lines:
                if of_class != (instance is None) or len(wanted) != len(args) or not same(words, kwargs):
                    continue
                if all(want is ANY or same(want, have) for want, have in zip(wanted, args, strict=True)):
                    if isinstance(result, Raise):
                        raise Raised(result.message)
                    return (owner if instance is None else instance) if result is SELF else result
            above = super(self.owner, owner if instance is None else instance)
            return getattr(above, self.name)(*args, **kwargs)

        return call


def same(a: Any, b: Any) -> bool:
    """Equal as the corpus has it: numbers of different types are different."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a is b if isinstance(a, Toy) else bool(a == b)


TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?(?:inf\b|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?))"""
    r"""|(?P<name>[^\W\d]\w*(?:::\w+)*)|(?P<mark>\S))"""
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
WORDS = {"nil": None, "true": True, "false": False, "inf": float("inf"), "nan": float("nan")}


class Reader:
    """Reads names, values and marks of one line."""

    def __init__(self, text: str, names: dict[str, Any]) -> None:
        self.text = text
        self.at = 0
        self.names = names

    def peek(self) -> re.Match[str] | None:
        return TOKEN.match(self.text, self.at)

    def take(self) -> re.Match[str]:
        match = self.peek()
        assert match, self.text
        self.at = match.end()
        return match

    def eat(self, mark: str) -> bool:
        match = self.peek()
        if match and match.group().strip() == mark:
            self.at = match.end()
            return True
        return False

    def expect(self, mark: str) -> None:
        assert self.eat(mark), f"expected {mark!r} in {self.text!r} at {self.at}"

    def name(self) -> str:
        return self.take()["name"]

    def value(self) -> Any:
        match = self.take()
        if match["string"]:
            body = match["string"][1:-1]
            return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), body, flags=re.S)
        if match["number"]:
            number = match["number"]
            return float(number) if re.search("[.eEi]", number) else int(number)
        if match["name"]:
            word = match["name"]
            if word == "raise":
                return Raise(self.value())
            return WORDS[word] if word in WORDS else self.names[word]
        if match["mark"] == "[":
            items: list[Any] = []
            while not self.eat("]"):
                items.append(self.value())
                self.eat(",")
            return items
        assert match["mark"] == "{", self.text
        return self.entries()

    def entries(self) -> dict[str, Any]:
        """The entries of a dictionary after its brace."""
        entries: dict[str, Any] = {}
        while not self.eat("}"):
            key = self.name()
            self.expect(":")
            entries[key] = self.value()
            self.eat(",")
        return entries


class World:
    """The toy application of one file."""

    def __init__(self, text: str) -> None:
        self.polar: Any = None
        self.classes: dict[str, type] = {}
        self.names: dict[str, Any] = {
            "Boolean": bool,
            "Integer": int,
            "Float": float,
            "String": str,
            "List": list,
            "Dictionary": dict,
        }
        self.constants: dict[str, Any] = {}
        self.object_names: dict[int, str] = {}
        lines = [line.strip() for line in text.splitlines()]
        words = [line.partition(" ") for line in lines if line and not line.startswith("#")]
        for kind, _, rest in words:
            if kind == "class":
                self.add_class(rest)
        for kind, _, rest in words:
            if kind == "object":
                reader = Reader(rest, self.names)
                name = reader.name()
                reader.expect("=")
                cls = self.names[reader.name()]
                self.constants[name] = self.names[name] = cls.__new__(cls)
        for kind, _, rest in words:
            getattr(self, "fill_" + kind)(rest)

    def add_class(self, text: str) -> None:
        reader = Reader(text, self.names)
        name = reader.name()
        bases: list[type] = []
        if reader.eat("("):
            while not reader.eat(")"):
                bases.append(self.names[reader.name()])
                reader.eat(",")
        members: dict[str, Any] = {}
        while match := reader.peek():
            word = reader.take()["name"]
            if word == "eq":
                reader.expect("by")
                members["_equal_by"] = reader.name()
            elif word == "ordered":
                reader.expect("by")
                members["_ordered_by"] = reader.name()
            elif word == "iterates":
                members["__iter__"] = iteration(reader.name())
            else:
                assert word == "takes", match
                reader.expect("(")
                names: list[str] = []
                while not reader.eat(")"):
                    names.append(reader.name())
                    reader.eat(",")
                members["_takes"] = tuple(names)
        cls = type(name, tuple(bases) or (Toy,), members)
        self.classes[name] = self.names[name] = cls

    def fill_class(self, text: str) -> None:
        pass

    def fill_object(self, text: str) -> None:
        reader = Reader(text, self.names)
        name = reader.name()
        reader.expect("=")
        reader.name()
        instance = self.constants[name]
        self.object_names[id(instance)] = name
        if reader.eat("{"):
            instance.__dict__.update(reader.entries())

    def fill_constant(self, text: str) -> None:
        reader = Reader(text, self.names)
        name = reader.name()
        reader.expect("=")
        self.constants[name] = self.names[name] = reader.value()

    def fill_method(self, text: str) -> None:
        reader = Reader(text, self.names)
        of_class = reader.eat("class")
        cls = self.names[reader.name()]
        reader.expect(".")
        name = reader.name()
        reader.expect("(")
        args: list[Any] = []
        words: dict[str, Any] = {}
        while not reader.eat(")"):
            if reader.eat("_"):
                args.append(ANY)
            elif keyword := re.compile(r"\s*(\w+): ").match(reader.text, reader.at):
                reader.at = keyword.end()
                words[keyword[1]] = reader.value()
            else:
                args.append(reader.value())
            reader.eat(",")
        reader.expect("=")
        result = SELF if reader.eat("self") else reader.value()
        method = cls.__dict__.get(name)
        if not isinstance(method, Method):
            method = Method(name)
            method.owner = cls
            setattr(cls, name, method)
        method.lines.append((of_class, args, words, result))


def iteration(items: str) -> Any:
    def iterate(self: Any) -> Any:
        for item in getattr(self, items):
            if isinstance(item, Raise):
                raise Raised(item.message)
            yield item

    return iterate


# ---- writing answers ----


def float_text(value: float) -> str:
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text


class Writer:
    """Writes the values of one answer; unbound variables are numbered as they appear."""

    def __init__(self, world: World, answer: dict[str, Any]) -> None:
        self.world = world
        self.numbers: dict[str, int] = {}
        self.alias: dict[str, str] = {}
        for name, value in answer.items():
            if isinstance(value, Variable):
                self.alias[self.root(name)] = self.root(str.__str__(value))

    def root(self, name: str) -> str:
        seen = set()
        while name in self.alias and self.alias[name] != name and name not in seen:
            seen.add(name)
            name = self.alias[name]
        return name

    def text(self, value: Any) -> str:
        if value is None:
            return "nil"
        if isinstance(value, Variable):
            root = self.root(raw(value))
            return f"_{self.numbers.setdefault(root, len(self.numbers) + 1)}"
        if type(value) is bool:
            return str(value).lower()
        if type(value) is int:
            return str(value)
        if type(value) is float:
            return float_text(value)
        if type(value) is str:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            for letter, char in ESCAPES.items():
                escaped = escaped.replace(char, "\\" + letter)
            return f'"{escaped}"'
        if type(value) is list:
            return "[" + ", ".join(map(self.text, value)) + "]"
        if type(value) is dict:
            return "{" + ", ".join(f"{key}: {self.text(item)}" for key, item in sorted(value.items())) + "}"
        if isinstance(value, type):
            return next(name for name, cls in self.world.names.items() if cls is value)
        name = self.world.object_names.get(id(value))
        if name:
            return name
        fields = ", ".join(f"{key}: {self.text(item)}" for key, item in sorted(value.__dict__.items()))
        return f"{type(value).__name__}{{{fields}}}"


def raw(variable: Variable) -> str:
    return "".join(variable)


def answer_line(world: World, answer: dict[str, Any]) -> str:
    writer = Writer(world, answer)
    parts: list[str] = []
    for name, value in answer.items():
        if isinstance(value, Expression):
            parts.append(f"{name} where")
        elif not isinstance(value, Variable):
            parts.append(f"{name} = {writer.text(value)}")
    return ", ".join(parts) or "yes"


# ---- errors ----

KINDS: dict[str, tuple[type[BaseException], ...]] = {
    "Type": (e.PolarTypeError,),
    "Unsupported": (e.UnsupportedError,),
    "Arithmetic": (e.PolarRuntimeError,),
    "UndefinedRule": (e.PolarRuntimeError,),
    "UnregisteredClass": (e.UnregisteredClassError,),
    "NotIterable": (e.PolarTypeError, e.InvalidIteratorError),
    "NegationLoop": (e.PolarRuntimeError,),
    "Undecided": (e.UnexpectedPolarTypeError,),
    "Invalid": (e.ParserError, e.ValidationError),
    "InlineQueryFailed": (e.InlineQueryFailedError,),
}
PLAIN = {"Arithmetic", "UndefinedRule", "NegationLoop"}


def is_of_kind(error: Exception, kind: str) -> bool:
    """Whether the exception is of the class that this kind of error becomes."""
    if kind == "Host":
        mine = (Raised, e.InvalidCallError, e.InvalidIteratorError, AttributeError)
        return isinstance(error, mine) or type(error) is e.PolarRuntimeError
    if kind in PLAIN:
        return type(error) is e.PolarRuntimeError
    if kind == "Exhausted":
        return isinstance(error, e.LimitError)
    return isinstance(error, KINDS[kind])


def place(diagnostic: Any) -> str:
    name = f"{diagnostic.file}:" if diagnostic.file else ""
    return f"{diagnostic.code} {name}{diagnostic.line}:{diagnostic.column}"


def without_conditions(line: str) -> str:
    return re.sub(r" where .*?(?=, \w+ (?:= |where )|$)", " where", line)


def meets(expected: str, found: str | Exception) -> bool:
    """Whether what was found is what a line of the file expects."""
    if not expected.startswith("error "):
        open_end = "*_" in expected
        if open_end:  # Python has no value for a list whose end is unbound
            return isinstance(found, e.UnexpectedPolarTypeError)
        return without_conditions(expected) == found
    kind, _, gist = expected[len("error ") :].partition(" ")
    if not isinstance(found, Exception) or not is_of_kind(found, kind):
        return False
    if kind == "Invalid":
        assert isinstance(found, OsoError)
        first = next(d for d in found.diagnostics if d.severity == "error")
        return place(first).startswith(gist)
    # Where the error is the host's own, its words are the host's.
    return kind == "Host" or gist in str(found)


# ---- running ----


class Run:
    """One file, loaded."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.world = World("".join(section.text for section in file.of_kind("classes")))
        self.polar = Arctos(limits=Limits(**{**LIMITS, **file.limits}))
        for name, cls in self.world.classes.items():
            self.polar.register_class(cls, name=name)
        for name, value in self.world.constants.items():
            self.polar.register_constant(value, name)
        self.printed: list[str] = []

    def load(self) -> list[str]:
        sources = [(s.argument or None, s.text) for s in self.file.of_kind("policy")]
        if not sources:
            return ["ok"]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self.polar._load(sources)
        except e.InlineQueryFailedError as error:
            [(line, column)] = re.findall(r"(\d+)(?::|, column )(\d+)$", str(error))
            return [*map(place, error.diagnostics), f"error InlineQueryFailed {line}:{column}"]
        except (e.ParserError, e.ValidationError) as error:
            return [place(diagnostic) for diagnostic in error.diagnostics]
        return [place(warning) for warning in self.polar.warnings()] or ["ok"]

    def query(self, text: str) -> list[str | Exception]:
        found: list[str | Exception] = []
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                for answer in self.polar.query(text, accept_expression=True):
                    found.append(answer_line(self.world, answer["bindings"]))
            except Exception as error:
                found.append(error)
        self.printed = out.getvalue().splitlines()
        return found or ["no"]

    def check(self) -> list[str]:
        """Everything that is not as the file expects."""
        wrong: list[str] = []
        loads = self.file.of_kind("load")
        loaded = self.load()
        errors = [line for line in loaded if line.startswith("error")]
        if loads and loads[0].expected != loaded:
            wrong.append(f"load: expected {loads[0].expected}, found {loaded}")
        if errors and not loads:
            wrong.append(f"load: {errors}")
        for section in self.file.sections:
            if section.kind == "query":
                found = self.query(section.argument)
                expected = section.expected
                if len(expected) != len(found) or not all(map(meets, expected, found)):
                    shown = [f"{type(f).__name__}: {f}" if isinstance(f, Exception) else f for f in found]
                    wrong.append(f"query {section.argument}: expected {expected}, found {shown}")
            elif section.kind == "print" and section.expected != self.printed:
                wrong.append(f"print: expected {section.expected}, found {self.printed}")
        return wrong
