"""A user's file as type checkers see it. Checked by ``test_typing.py``, never run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from arctos import Arctos, Decision, Expression, ForbiddenError, Limits, NotFoundError, Oso, Predicate, Relation, Variable
from arctos.fastapi import RESPONSES, Access, FastAPIArctos
from arctos.flask import FlaskArctos, authorize, skip_authorization
from arctos.polar.data.adapter import DataAdapter
from arctos.polar.data.filter import DataFilter
from arctos.polar.exceptions import ParserError, ValidationError
from arctos.residual import Compare, Residual
from arctos.sqlalchemy import SQLAlchemyArctos, authorized_sessionmaker
from fastapi import APIRouter, Depends, FastAPI
from flask import Flask, request
from sqlalchemy import ColumnElement


@dataclass
class User:
    name: str


class Denied(Exception):
    pass


class Adapter(DataAdapter[str, User]):
    def build_query(self, filter: DataFilter) -> str:
        return str(filter.model)

    def execute_query(self, query: str) -> list[User]:
        return [User(query)]


def setup() -> Arctos:
    arctos = Arctos(forbidden_error=Denied, read_action="view", limits=Limits(time=1.5, steps=10))
    arctos.register_class(User, name="U", fields={"name": str, "o": Relation("one", "Org", "o_id", "id")})
    arctos.register_constant(3, "limit")
    arctos.set_data_filtering_adapter(Adapter())
    try:
        arctos.load_files([Path("a.polar"), "b.polar"])
    except (ParserError, ValidationError) as error:
        for diagnostic in error.diagnostics:
            place: tuple[str | None, int, int] = diagnostic.file, diagnostic.line, diagnostic.column
            print(place, diagnostic.code, diagnostic.message)
    return arctos


def ask(oso: Oso, user: User) -> set[str]:
    allowed: bool = oso.is_allowed(user, "read", None)
    decision: Decision = oso.decide(user, "read", None)
    for rule in decision.rules:
        print(rule.location, rule.text)
    try:
        oso.authorize(user, "read", None, check_read=allowed)
    except (NotFoundError, ForbiddenError):
        return set()
    for answer in oso.query_rule("allow", user, Variable("action"), None, accept_expression=True):
        value = answer["bindings"]["action"]
        if isinstance(value, Expression):
            print(value.operator, value.args)
    for answer in oso.query(Predicate("f", [1]), bindings={"x": 1}):
        print(answer["bindings"])
    once: bool = oso.query_rule_once("f", 1)
    actions: set[str] = oso.authorized_actions(user, None)
    return actions if once else set()


def rows(az: SQLAlchemyArctos, user: User) -> ColumnElement[bool]:
    residual: Residual = az.residual(user, "read", User)
    formula = residual.formula
    if isinstance(formula, Compare):
        print(formula.operator, residual.class_name)
    with authorized_sessionmaker(lambda: az, lambda: user, lambda: {User: "read"})() as session:
        print(session)
    condition: ColumnElement[bool] = az.filter(user, "read", User)
    return condition


def flask(oso: Oso, site: Flask) -> FlaskArctos:
    az = FlaskArctos(oso, site)
    az.set_get_actor(lambda: User("ann"))
    az.require_authorization()

    @site.get("/<name>")
    @authorize(resource=request, action="read")
    def show(name: str) -> str:
        az.authorize(name, actor=az.current_actor, check_read=True)
        return name

    @skip_authorization
    async def index() -> str:
        return show("x")

    print(index)
    return az


guard = FastAPIArctos(lambda: User("ann"))
router = APIRouter(responses=RESPONSES)


@router.get("/{name}")
def show(
    user: Annotated[User, guard.authorized("read", User)],
    condition: Annotated[ColumnElement[bool], guard.filtered(User, "read")],
    access: Annotated[Access, Depends(guard.access)],
) -> str:
    access.authorize("push", user, check_read=False)
    also: ColumnElement[bool] = access.filter("push", User)
    return f"{condition} {also} {access.arctos} {access.actor}"


def fastapi(arctos: Arctos) -> FastAPI:
    app = FastAPI(dependencies=[guard.skip_authorization("typed, not run")])
    guard.init_app(app, arctos)
    guard.require_authorization(app, public=["/static"])
    return app
