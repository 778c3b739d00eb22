"""Authorization in the Polar policy language, over your application's own objects.

    from arctos import Arctos

    arctos = Arctos()
    arctos.register_class(User)
    arctos.register_class(Repository)
    arctos.load_files(["main.polar"])
    arctos.authorize(user, "read", repository)

``Oso`` is the same class by the name that users of the Oso library know.
"""

from arctos._arctos import __version__
from arctos.arctos import Arctos, Oso
from arctos.asynchronous import AsyncArctos
from arctos.decision import DecidingRule, Decision, Explanation
from arctos.diagnostics import Diagnostic
from arctos.exceptions import AuthorizationError, ForbiddenError, NotFoundError, OsoError
from arctos.limits import Limits
from arctos.polar.data.filter import DataFilter
from arctos.polar.data_filtering import Relation
from arctos.polar.expression import Expression, Pattern
from arctos.polar.polar import Polar
from arctos.polar.predicate import Predicate
from arctos.polar.variable import Variable

__all__ = [
    "Arctos",
    "AsyncArctos",
    "AuthorizationError",
    "DataFilter",
    "DecidingRule",
    "Decision",
    "Diagnostic",
    "Explanation",
    "Expression",
    "ForbiddenError",
    "Limits",
    "NotFoundError",
    "Oso",
    "OsoError",
    "Pattern",
    "Polar",
    "Predicate",
    "Relation",
    "Variable",
    "__version__",
]
