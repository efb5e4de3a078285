"""uvicorn tests.recipes.apps.django:app"""

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["localhost"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="recipes",
)
django.setup()


async def token(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


async def items(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.headers["Origin"])


urlpatterns = [path("token", token), path("items", items)]
app = get_asgi_application()
