"""Where the CRM in Django answers."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        login(request, authenticate(request, username=request.POST["user"], password="a password"))
        return HttpResponseRedirect("/")
    return HttpResponse("<html><body>Please sign in</body></html>")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect("/accounts/login/")


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<html><body>Hello {request.user}</body></html>")


def customers(request: HttpRequest) -> Any:
    return JsonResponse({"added": request.POST.get("name"), "read_only": request.META["licence.read_only"]})


def export(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter(["<body>", "rows"]), content_type="text/html")


urlpatterns = [
    path("", home),
    path("accounts/login/", sign_in),
    path("accounts/logout/", sign_out),
    path("customers", customers),
    path("export", export),
]
