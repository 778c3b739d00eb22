"""Pages, and an interface of Django REST framework."""

from arctos.django.auth import authorize, skip_authorization
from arctos.django.decorators import authorize_request
from arctos.django.decorators import skip_authorization as without_authorization
from arctos.django.rest import AuthorizedFilter, AuthorizedPermission, AuthorizeSaved
from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from django_app.models import Repo


def repos(request):
    names = Repo.objects.authorize(request, action="read").order_by("name").values_list("name", flat=True)
    return JsonResponse({"repos": list(names)})


def repo(request, name):
    found = get_object_or_404(Repo, name=name)
    authorize(request, found, action="push" if request.method == "POST" else "read", check_read=True)
    return HttpResponse(found.name)


def forgets(request):
    return HttpResponse("secret")


def about(request):
    skip_authorization(request)
    return HttpResponse("about")


@without_authorization(reason="all may know")
async def news(request):
    return HttpResponse("news")


@authorize_request
def closed(request):
    return HttpResponse("closed")


@authorize_request(action="GET")
async def door(request):
    return HttpResponse("door")


class RepoSerializer(ModelSerializer):
    class Meta:
        model = Repo
        fields = ("id", "name", "is_public", "org")


class Repos(AuthorizeSaved, ModelViewSet):
    queryset = Repo.objects.order_by("name")
    serializer_class = RepoSerializer
    permission_classes = (AuthorizedPermission,)
    filter_backends = (AuthorizedFilter,)

    @action(detail=False)
    def all(self, request):
        return Response([repo.name for repo in Repo.objects.all()])


router = SimpleRouter()
router.register("repos", Repos)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
    path("repos", repos),
    path("repos/<name>", repo),
    path("forgets", forgets),
    path("about", about),
    path("news", news),
    path("closed", closed),
    path("door", door),
]
