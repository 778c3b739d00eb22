"""The differences from the predecessor that are meant, each with a narrow test of what it explains.

A predicate sees one disagreement. It must look at what both sides did, not only at the case: whatever it lets through is
never looked at again. The numbers are those of the list in ``docs/migrating-from-oso.md``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable

from tree import Case

OUR_OWN = r"^(PolarRuntimeError|LimitError|PolarTypeError|UnexpectedPolarTypeError|UnsupportedError|OperationalError)"


@dataclass(frozen=True)
class Disagreement:
    """One step of a case (or its load) with two outcomes."""

    case: Case
    step: int | None
    """Which step; ``None`` for the load."""
    oso: dict[str, Any]
    arctos: dict[str, Any]

    def oso_said(self, pattern: str) -> bool:
        """Whether the predecessor's error, written ``Class: message``, matches the regular expression."""
        return _said(self.oso, pattern)

    def arctos_said(self, pattern: str) -> bool:
        """Whether our error, written ``Class: message``, matches the regular expression."""
        return _said(self.arctos, pattern)

    @property
    def theirs(self) -> list[str]:
        """The predecessor's answers, as comparable texts."""
        return _texts(self.oso)

    @property
    def ours(self) -> list[str]:
        """Our answers, as comparable texts."""
        return _texts(self.arctos)

    @property
    def we_go_on(self) -> bool:
        """Whether ours begin with the answers that the predecessor gave before its error."""
        return self.ours[: len(self.theirs)] == self.theirs

    @property
    def we_stop(self) -> bool:
        """Whether ours, up to our error, are those with which the predecessor's begin."""
        return self.theirs[: len(self.ours)] == self.ours

    @property
    def both_fail(self) -> bool:
        """Whether both end with an error, after the same answers."""
        return bool(self.oso["error"] and self.arctos["error"]) and self.ours == self.theirs

    def text(self) -> str:
        """The policy and the question at hand."""
        request = self.case.request()
        steps: Any = request["steps"]
        asked = "" if self.step is None else json.dumps(steps[self.step], ensure_ascii=False)
        return f"{request['policy']}\n{asked}"

    def mentions(self, pattern: str) -> bool:
        """Whether the policy or the question matches the regular expression."""
        return re.search(pattern, self.text()) is not None


def _said(outcome: dict[str, Any], pattern: str) -> bool:
    error = outcome["error"]
    return error is not None and re.search(pattern, f"{error['class']}: {error['message']}", re.S) is not None


def _texts(outcome: dict[str, Any]) -> list[str]:
    return [json.dumps(answer, sort_keys=True) for answer in outcome["answers"]]


@dataclass(frozen=True)
class Departure:
    """A difference that is meant."""

    id: str
    reason: str
    explains: Callable[[Disagreement], bool]


NO_MEANING = r"None is not iterable|NoneType|[Oo]verflow|divi|Not supported: .* [<>]=? "
SWALLOWED = r"has no attribute or method|is not a method|failed:|not bound yet|neither true nor false"


def never_open(d: Disagreement) -> bool:
    """Theirs is a different result, or another error that came later; ours is the missing attribute."""
    return d.arctos_said(SWALLOWED) and d.mentions(r"\bnot\b|forall") and d.we_stop


def in_doubt(d: Disagreement) -> bool:
    """Theirs ends inside a negation with the error of a goal without meaning; ours goes on, since something else settles the negation."""
    return d.oso_said(NO_MEANING) and d.mentions(r"\bnot\b|forall") and d.we_go_on


def missing_later(d: Disagreement) -> bool:
    """A lookup on a variable that is bound afterwards: theirs fails without a word where there is no such attribute."""
    return d.arctos_said("has no attribute or method") and d.mentions(r"\w\.(n|s|kind|flag|items|peer)\b") and d.we_stop


def crash(d: Disagreement) -> bool:
    """A panic or a fault inside the predecessor; it says so itself."""
    return d.oso_said(
        r"^(OperationalError: We hit an unexpected error|Lost: the process|PanicException)|cannot unify patterns directly|No field \w+ on \w+"
    )


def lost_instance(d: Disagreement) -> bool:
    """An object made in a rule's head is gone when a later rule looks at it."""
    return d.oso_said(r"^UnregisteredInstanceError: \d+") and d.mentions(r"\bnew \w+\(") and d.we_go_on


def cyclic(d: Disagreement) -> bool:
    """A list that contains itself."""
    return d.arctos_said("one that contains itself|nested too deeply")


def limits(d: Disagreement) -> bool:
    """They ran out of stack or time; we find the end of the recursion, or say that it is without end."""
    return d.oso_said(r"^StackOverflowError|Query timeout|^Lost: killed") and d.we_go_on


def many_proofs(d: Disagreement) -> bool:
    """A recursive question has each answer once where they find it by every way there is."""
    return (
        not d.oso["error"]
        and not d.arctos["error"]
        and set(d.ours) == set(d.theirs)
        and len(d.ours) < len(d.theirs)
        and d.case.id.startswith("blocks/")
        and d.mentions(r'"(\w+)" if "(\w+)"')
    )


def recursion_once(d: Disagreement) -> bool:
    """The answers of a recursive rule, each once, in the order in which each first comes there."""
    recursive = re.search(r"\b(\w+)\([^;]*\) if [^;]*\b\1\(", d.case.policy) is not None
    return recursive and not d.oso["error"] and not d.arctos["error"] and list(dict.fromkeys(d.theirs)) == d.ours


def open_negation(d: Disagreement) -> bool:
    """A negation over a variable that nothing binds: theirs, or ours, does not say what it depends on."""
    undecided = r"^UnexpectedPolarTypeError|unhandled partial|that nothing binds"
    return (
        d.mentions(r"\bnot\b|forall")
        and (d.oso_said(undecided) or d.arctos_said(undecided))
        and (d.we_go_on or d.we_stop)
    )


def negation_ends(d: Disagreement) -> bool:
    """A negation ends at its first answer, or waits; theirs went on to an error. Never an answer more than theirs."""
    return bool(d.oso["error"]) and d.mentions(r"\bnot\b|forall") and (d.ours == d.theirs or not d.ours)


def two_classes(d: Disagreement) -> bool:
    """A variable that must be of two classes: an object may be, of both."""
    return d.arctos_said("^UnexpectedPolarTypeError: the answer depends") and not d.oso["error"] and d.we_stop


def unbound_left_out(d: Disagreement) -> bool:
    """A variable that nothing is said about, passed to a rule inside `or` only."""

    def said(outcome: dict[str, Any]) -> list[Any]:
        return [{k: v for k, v in answer.items() if v != {"other": "Variable"}} for answer in outcome["answers"]]

    fewer = all(set(ours) <= set(theirs) for ours, theirs in zip(d.arctos["answers"], d.oso["answers"]))
    alternatives = d.mentions(r"\bor\b")
    errors = [outcome["error"] and outcome["error"]["class"] for outcome in (d.oso, d.arctos)]
    return alternatives and errors[0] == errors[1] and said(d.oso) == said(d.arctos) and fewer


def computed_first(d: Disagreement) -> bool:
    """Beside a ``mod`` or ``rem`` in an equation, everything in it is computed before the two sides are compared."""
    equation = d.arctos_said("needs two numbers") and d.mentions(r"= [^;]*\b(mod|rem)\b")
    forall = d.mentions(r"forall\(.*(\bnew |\bmod |\brem | [-+*/] |\.\w+\()") and not d.arctos_said("^UnexpectedPolar")
    return bool(d.arctos["error"]) and not d.oso["error"] and (equation or forall) and d.we_stop


def waiting_pattern(d: Disagreement) -> bool:
    """A pattern with fields on a variable bound later: a value without the field does not match; theirs raises."""
    lookup = d.oso_said("has no attribute|can only perform lookups")
    return lookup and d.mentions(r"(: |matches )\w*\{\w+:") and d.we_go_on


def order_among_others(d: Disagreement) -> bool:
    """Rules that do not apply still take part in ordering beside specializers that cannot be compared with classes."""
    ours, theirs = Counter(d.ours), Counter(d.theirs)
    literal = re.search(r"\w: (\"|\d|-\d|\[|\{)", d.case.policy) is not None
    return literal and (ours == theirs or (d.mentions(r"\bcut\b") and ours >= theirs)) and not d.arctos["error"]


def remainder_by_infinity(d: Disagreement) -> bool:
    """``1 mod inf`` is 1; theirs is not a number."""
    return d.mentions(r"\bmod\b") and d.mentions(r"\binf\b") and not d.oso["error"] and not d.arctos["error"]


def contextual_word(d: Disagreement) -> bool:
    """``type`` is a keyword only before a rule."""
    return d.oso_said(r"^UnrecognizedToken: .*token 'type'") and d.mentions(r"\btype\b")

def forall_prints(d: Disagreement) -> bool:
    """What is printed inside `forall` is computed first."""
    return d.mentions(r"forall\(.*print") and d.ours == d.theirs and d.oso["error"] == d.arctos["error"]


def first_of_several(d: Disagreement) -> bool:
    """Both refuse a text; ours found more than one error, and the first in the text gives the class."""
    reading = r"^(ParserError|Unrecognized|InvalidToken|IntegerOverflow|ExtraToken|ValidationError)"
    several = d.arctos_said(r"error\[P\d+\].*error\[P\d+\]")
    value = d.oso_said("^ParserError: Wrong value type") and d.arctos_said("^Unrecognized")
    return d.oso_said(reading) and d.arctos_said(reading) and (several or value)


def inline_order(d: Disagreement) -> bool:
    """The first failure of inline queries, in source order here and in the opposite order there."""
    return d.step is None and d.text().count("?=") > 1 and bool(d.oso["error"] and d.arctos["error"])


def equality_of_kinds(d: Disagreement) -> bool:
    return d.oso_said(r"^UnsupportedError: .*Not supported: .* (==|!=) ") and d.we_go_on


def order_of_kinds(d: Disagreement) -> bool:
    theirs = d.oso_said(r"^UnsupportedError: .*Not supported: .* (<|<=|>|>=) ")
    nil = d.oso_said(r"External operation '.*NoneType.* (Lt|Gt|Leq|Geq) .*failed|External operation '.* (Lt|Gt|Leq|Geq) .*NoneType")
    return (theirs or nil) and d.arctos_said("^PolarTypeError: .* cannot compare") and d.both_fail


def one_per_union(d: Disagreement) -> bool:
    """The same answers, each at most as often."""
    ours, theirs = Counter(d.ours), Counter(d.theirs)
    return (
        d.mentions(r"\bActor\b|\bResource\b|^(actor|resource) ")
        and not d.oso["error"]
        and not d.arctos["error"]
        and set(ours) == set(theirs)
        and ours < theirs
    )


def cut_commits(d: Disagreement) -> bool:
    """A cut inside a group ends the rule's other alternatives too: ours are some of theirs, in their order."""
    theirs = iter(d.theirs)
    return d.mentions(r"\bcut\b") and all(answer in theirs for answer in d.ours) and len(d.ours) < len(d.theirs)


def late_arithmetic(d: Disagreement) -> bool:
    return d.oso_said(r"^OperationalError: Unexpected value\.\s+Expected: \(rest\) variable") and d.we_go_on


def half_broken_forms(d: Disagreement) -> bool:
    """Operators written like calls that make no sense; keyword arguments for rules."""
    return d.arctos_said(r"^ParserError: .*P0111") or (
        d.oso_said(r"^OperationalError: .*unexpected kwargs|^OperationalError: Unexpected value\.\s+Expected: call")
        and d.arctos_said("^(ParserError|ValidationError)")
    )


def least_integer(d: Disagreement) -> bool:
    return d.mentions("-9223372036854775808") and d.oso_said("^IntegerOverflow") and not d.arctos["error"]


def facts_dialect(d: Disagreement) -> bool:
    """Forms that this version knows and refuses by name, where they meet a token they do not expect."""
    return d.step is None and d.oso_said("^UnrecognizedToken") and d.arctos_said("belongs to the facts dialect")


def form_of_conditions(d: Disagreement) -> bool:
    """The same question left open, written as another expression."""
    found = [[_conditions(answer) for answer in outcome["answers"]] for outcome in (d.oso, d.arctos)]
    return '"And"' in json.dumps(d.oso["answers"]) and '"And"' in json.dumps(d.arctos["answers"]) and found[0] == found[1]


def _conditions(answer: Any) -> Any:
    """An answer with each expression replaced by the fact that there is one."""
    return {
        name: "condition" if isinstance(value, dict) and isinstance(value.get("other"), list) else value
        for name, value in answer.items()
    }


DEPARTURES: list[Departure] = [
    Departure("1 never fail open", "an error inside `not` or `forall` is an error", never_open),
    Departure("11 never silent", "a missing attribute in a condition that waited is an error", missing_later),
    Departure("2 faults", "a fault inside the predecessor", crash),
    Departure("17 lost instance", "an object made in a rule's head was lost", lost_instance),
    Departure("2 cyclic value", "a value that contains itself is a typed error", cyclic),
    Departure("3 limits", "recursion over cyclic data ends with an answer", limits),
    Departure("13 recursion once", "a recursive rule gives each answer once", recursion_once),
    Departure("4 several errors", "of several errors, the first in the text gives the class", first_of_several),
    Departure("12 open negation", "a negation over an unbound variable is decided exactly, or refused", open_negation),
    Departure("12 negation ends", "a negation ends at its first answer, or waits for its variables", negation_ends),
    Departure("12 two classes", "an object may be of two unrelated classes", two_classes),
    Departure("15 unbound", "an answer leaves out a variable that it says nothing about", unbound_left_out),
    Departure("14 computed first", "what `forall`, or an equation with `mod` or `rem`, mentions is computed first", computed_first),
    Departure("11 waiting pattern", "a value without the field does not match a pattern", waiting_pattern),
    Departure("16 order", "the order beside specializers that are no classes", order_among_others),
    Departure("17 mod inf", "`1 mod inf` is 1", remainder_by_infinity),
    Departure("17 contextual words", "`type` is a keyword only before a rule", contextual_word),
    Departure("14 forall prints", "what `forall` prints is computed first", forall_prints),
    Departure("4 inline order", "inline queries run in source order", inline_order),
    Departure("5 equality", "`==` and `!=` take any two values", equality_of_kinds),
    Departure("5 order", "ordering different kinds is a type error", order_of_kinds),
    Departure("6 unions", "a union matches once", one_per_union),
    Departure("6 cut", "`cut` commits to its rule also inside a group", cut_commits),
    Departure("8 late arithmetic", "arithmetic on variables bound later works", late_arithmetic),
    Departure("8 broken forms", "forms without meaning are errors when read", half_broken_forms),
    Departure("17 least integer", "the least 64-bit integer can be written", least_integer),
    Departure("9 facts dialect", "the facts dialect's forms are refused by name", facts_dialect),
    Departure("15 conditions", "open conditions are written as another, equal expression", form_of_conditions),
    Departure("18 in doubt", "what has no meaning for its values does not settle a negation", in_doubt),
]


def explanation(disagreement: Disagreement) -> Departure | None:
    """The departure that explains it, if one does."""
    return next((entry for entry in DEPARTURES if entry.explains(disagreement)), None)
