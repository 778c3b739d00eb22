"""Admin pages by the policy."""

from arctos.django.admin import AuthorizedAdmin
from django.contrib import admin

from django_app.models import Repo


@admin.register(Repo)
class RepoAdmin(AuthorizedAdmin, admin.ModelAdmin):
    fields = ("name", "is_public", "org")
    list_display = ("name", "is_public")
    list_editable = ("is_public",)
