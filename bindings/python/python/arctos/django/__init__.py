"""Filters and checks in Django projects, with the names of the ``django_oso`` package.

    INSTALLED_APPS = [..., "arctos.django"]

loads the ``policy/*.polar`` of all applications, in which a model is ``app_label::Model``. Then, in a view:

    from arctos.django.auth import authorize

    authorize(request, repo, action="read")
    repos = Repo.objects.authorize(request, action="read")    # where `class Repo(AuthorizedModel)`

Needs Django 4.2 or later: ``pip install "arctos[django]"``.
"""
