"""Every import path that code for Oso 0.27 uses, with ``oso`` and ``polar`` put under ``arctos``."""

import importlib

import pytest

PATHS = {
    "arctos": "AuthorizationError DataFilter ForbiddenError NotFoundError Oso OsoError Predicate Relation Variable "
    "Arctos Polar Expression Pattern Decision Limits Diagnostic",
    "arctos.oso": "Oso Arctos",
    "arctos.arctos": "Oso Arctos",
    "arctos.exceptions": "AuthorizationError ForbiddenError NotFoundError OsoError",
    "arctos.flask": "FlaskOso FlaskArctos authorize skip_authorization",
    "arctos.polar": "Condition DataFilter Expression Pattern Polar Predicate Projection Query QueryResult Relation Variable",
    "arctos.polar.polar": "Polar",
    "arctos.polar.exceptions": "OsoError PolarRuntimeError ParserError ValidationError OperationalError",
    "arctos.polar.errors": "PolarRuntimeError ParserError ValidationError OperationalError",
    "arctos.polar.expression": "Expression Pattern",
    "arctos.polar.predicate": "Predicate",
    "arctos.polar.variable": "Variable",
    "arctos.polar.partial": "TypeConstraint dot_path",
    "arctos.polar.query": "Query QueryResult",
    "arctos.polar.host": "Host UserType",
    "arctos.polar.data": "DataAdapter DataFilter Condition Projection Relation",
    "arctos.polar.data.adapter": "DataAdapter",
    "arctos.polar.data.filter": "DataFilter Projection Condition Relation",
    "arctos.polar.data_filtering": "Relation",
}

DJANGO = {
    "arctos.django.oso": "Oso init_oso reset_oso",
    "arctos.django.auth": "authorize authorize_model skip_authorization request_authorized",
    "arctos.django.decorators": "authorize authorize_request skip_authorization",
    "arctos.django.middleware": "RequireAuthorization RouteAuthorization ReloadPolicyMiddleware",
    "arctos.django.models": "AuthorizedModel AuthorizedQuerySet",
}


@pytest.mark.parametrize("path", PATHS)
def test_paths(path):
    module = importlib.import_module(path)
    for name in PATHS[path].split():
        assert getattr(module, name), name


def test_paths_of_django():
    import django_app  # noqa: F401, a project

    for path, names in DJANGO.items():
        assert all(hasattr(importlib.import_module(path), name) for name in names.split()), path


def test_both_names_are_one_class():
    import arctos

    assert arctos.Oso is arctos.Arctos and issubclass(arctos.Oso, arctos.Polar)
    assert all(hasattr(arctos, name) for name in arctos.__all__)
    assert arctos.__version__ == importlib.import_module("importlib.metadata").version("arctos")


def test_adapters_may_be_written():
    from arctos import Oso
    from arctos.polar.data.adapter import DataAdapter

    with pytest.raises(TypeError):
        DataAdapter()

    class Mine(DataAdapter):
        def build_query(self, filter):
            return filter

        def execute_query(self, query):
            return [query]

    oso = Oso()
    oso.set_data_filtering_adapter(Mine())
    assert oso.host.adapter.execute_query(1) == [1] and oso.is_new_data_filtering_configured()
