"""Models with what makes filters hard: nullable columns, self relations, many to many, other names and kinds of keys."""

from __future__ import annotations

import enum
import uuid
from typing import Any

from arctos.django.models import AuthorizedModel
from django.db import models


class Kind(models.TextChoices):
    FORK = "fork"
    SOURCE = "source"


class Member(models.Model):
    name = models.CharField(max_length=20)
    is_admin = models.BooleanField(default=False)


class Visitor(Member):
    class Meta:
        proxy = True


class Org(models.Model):
    name = models.CharField(max_length=20, null=True)
    level = models.IntegerField(null=True, db_column="rank")
    owner = models.ForeignKey(Member, models.CASCADE, null=True, related_name="orgs")


class Repo(AuthorizedModel):
    name = models.CharField(max_length=20)
    is_public = models.BooleanField(default=False)
    size = models.IntegerField(null=True)
    weight = models.FloatField(null=True)
    topic = models.CharField(max_length=20, null=True, db_collation="nocase")
    kind = models.CharField(max_length=20, null=True, choices=Kind.choices)
    token = models.UUIDField(null=True)
    created = models.DateTimeField(null=True)
    price = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    org = models.ForeignKey(Org, models.CASCADE, null=True, related_name="repos", db_column="organisation")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="forks")
    members = models.ManyToManyField(Member, related_name="repos")

    class Meta(AuthorizedModel.Meta):
        db_table = "the repos"


class Issue(AuthorizedModel):
    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.IntegerField()
    title = models.CharField(max_length=20, null=True)
    repo = models.ForeignKey(Repo, models.CASCADE, related_name="issues")
    watchers = models.ManyToManyField(Member, through="Watch", through_fields=("issue", "member"))


class Watch(models.Model):
    issue = models.ForeignKey(Issue, models.CASCADE)
    member = models.ForeignKey(Member, models.CASCADE)
    by = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")


class Comment(models.Model):
    text = models.CharField(max_length=20, null=True)
    issue = models.ForeignKey(Issue, models.CASCADE, null=True, related_name="comments")


class Shape(enum.Enum):
    ROUND = "round"
    SQUARE = "square"


class ShapeField(models.CharField):
    """Text in the database, and a member of an enumeration for the application."""

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else Shape(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.value if isinstance(value, Shape) else value


class Badge(models.Model):
    shape = ShapeField(max_length=9, null=True)
    notes = models.JSONField(null=True)
    repo = models.OneToOneField(Repo, models.CASCADE, related_name="badge")


class Recent(models.Manager):
    """Not all rows."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(is_old=False)


class Event(models.Model):
    is_old = models.BooleanField(default=False)
    repo = models.ForeignKey(Repo, models.CASCADE, related_name="events")

    objects = Recent()
