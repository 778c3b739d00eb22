"""A policy: loading it, and asking it anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from arctos import repl
from arctos._arctos import Engine
from arctos.diagnostics import Diagnostic
from arctos.limits import Limits
from arctos.polar.exceptions import (
    InvalidQueryTypeError,
    PolarFileExtensionError,
    PolarFileNotFoundError,
    PolarRuntimeError,
    UnsupportedError,
)
from arctos.polar.host import Host
from arctos.polar.predicate import Predicate
from arctos.polar.query import Query, QueryResult

__all__ = ["Polar"]

_BUILT_IN: dict[str, type[Any]] = {
    "Boolean": bool,
    "Integer": int,
    "Float": float,
    "String": str,
    "List": list,
    "Dictionary": dict,
    "Datetime": datetime,
    "Timedelta": timedelta,
}
_UNIONS = ("Actor", "Resource")
_NO_ALLOW = "no-allow-rule"


class Polar:
    """A policy with the classes and constants it may name, and queries over it."""

    host: Host
    """What is registered."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._engine = Engine(
            steps=limits.steps,
            depth=limits.depth,
            time=limits.time,
            answers=limits.answers,
            memory=limits.memory,
        )
        self.host = Host(self)
        self.register_constant(None, name="nil")
        for name, cls in _BUILT_IN.items():
            self.register_class(cls, name=name)

    @property
    def ffi_polar(self) -> Engine:
        """The engine underneath."""
        return self._engine

    # ---- loading ----

    def load_files(self, filenames: Sequence[Path | str] | None = None) -> None:
        """Loads the policy from these files, all together.

        :raises ParserError: or ValidationError, with ``diagnostics``, when the policy is wrong; nothing is then loaded
        """
        if not filenames:
            return
        sources = _read(filenames)
        self._refuse_second_load()
        self._load(sources)

    def load_file(self, filename: Path | str) -> None:
        """Loads the policy from one file."""
        self.load_files([filename])

    def load_str(self, string: str, filename: str | None = None) -> None:
        """Loads the policy from a text; ``filename`` is what messages call it."""
        self._refuse_second_load()
        self._load([(filename, string)])

    def reload(self, filenames: Sequence[Path | str]) -> None:
        """Replaces the policy by these files. When they are wrong, raises, and the old policy stays in force."""
        self._load(_read(filenames))

    def reload_str(self, string: str, filename: str | None = None) -> None:
        """Replaces the policy by a text. When it is wrong, raises, and the old policy stays in force."""
        self._load([(filename, string)])

    def clear_rules(self) -> None:
        """Forgets the policy; classes and constants stay registered."""
        self._engine.clear()

    def check_inline_queries(self) -> None:
        """Runs the policy's inline queries (``?= …;``) again."""
        self._engine.check_inline_queries()

    def warnings(self) -> list[Diagnostic]:
        """What is doubtful about the policy in force."""
        return self._engine.warnings()

    def _refuse_second_load(self) -> None:
        if self._engine.has_rules():
            raise PolarRuntimeError(
                "a policy is loaded already; load all files together, or replace the policy with `reload`"
            )

    def _load(self, sources: list[tuple[str | None, str]]) -> None:
        for name, text in self._engine.load(sources, True):
            if name == _NO_ALLOW and os.environ.get("POLAR_IGNORE_NO_ALLOW_WARNING"):
                continue
            print(f"[warning] {text}")

    # ---- registering ----

    def register_class(
        self, cls: type[Any], *, name: str | None = None, fields: dict[str, Any] | None = None
    ) -> None:
        """Lets policies name a class.

        :param name: what policies call it; the class's own name by default
        :param fields: types and relations of its attributes, for filtering data
        :raises DuplicateClassAliasError: when another class has that name
        """
        name = cls.__name__ if name is None else name
        if name in _UNIONS:
            raise PolarRuntimeError(
                f"`{name}` stands for every class declared in a block, so no class can be registered under that name"
            )
        self._engine.register_class(cls, self.host.cache_class(cls, name, fields))

    def register_constant(self, value: Any, name: str) -> None:
        """Lets policies name a value."""
        if name in _UNIONS:
            raise PolarRuntimeError(
                f"`{name}` stands for every class declared in a block, so no value can be registered under that name"
            )
        self._engine.register_constant(value, name)

    def get_class(self, name: str) -> type[Any]:
        """The class registered under that name."""
        return self.host.get_class(name)

    # ---- asking ----

    def query(
        self,
        query: str | Predicate,
        *,
        bindings: dict[str, Any] | None = None,
        accept_expression: bool = False,
    ) -> Iterator[QueryResult]:
        """The answers to a query, lazily; nothing happens, and nothing is raised, before the first is asked for.

        :param bindings: values for variables of the query
        :param accept_expression: hand out conditions on unbound variables as :class:`arctos.Expression`
        """
        if isinstance(query, str):
            answers = self._engine.ask_text(query, bindings, accept_expression)
        elif isinstance(query, Predicate):
            answers = self._engine.ask(query.name, tuple(query.args), bindings, accept_expression)
        else:
            raise InvalidQueryTypeError(f"a query is a text or a `Predicate`, not {query!r}")
        yield from Query(answers).run()

    def query_rule(
        self,
        name: str,
        *args: Any,
        bindings: dict[str, Any] | None = None,
        accept_expression: bool = False,
    ) -> Iterator[QueryResult]:
        """The answers of a rule with these arguments, lazily; :class:`arctos.Variable` marks what is asked for."""
        return self.query(Predicate(name, args), bindings=bindings, accept_expression=accept_expression)

    def query_rule_once(
        self,
        name: str,
        *args: Any,
        bindings: dict[str, Any] | None = None,
        accept_expression: bool = False,
    ) -> bool:
        """Whether a rule with these arguments has an answer."""
        for _ in self.query_rule(name, *args, bindings=bindings, accept_expression=accept_expression):
            return True
        return False

    def repl(self, files: Iterable[Path | str] = ()) -> None:
        """Loads these files and opens a prompt for queries."""
        self.load_files(list(files))
        repl.run(self)

    # ---- filtering data ----

    def partial_query(self, actor: Any, action: Any, resource_cls: type[Any]) -> NoReturn:
        """Not in this version: raises :class:`~arctos.polar.exceptions.UnsupportedError`."""
        raise UnsupportedError("`partial_query` is not in this version of arctos; `residual` says what must hold of an object")

    def is_new_data_filtering_configured(self) -> bool:
        """Whether an adapter is set."""
        return self.host.adapter is not None


def _read(filenames: Sequence[Path | str]) -> list[tuple[str | None, str]]:
    sources: list[tuple[str | None, str]] = []
    for filename in filenames:
        path = Path(filename)
        if path.suffix != ".polar":
            raise PolarFileExtensionError(filename)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise PolarFileNotFoundError(filename) from error
        sources.append((str(filename), text))
    return sources
