"""Every URL of Foyer: the apps' own, and what stands around them."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from api.description.documents import OpenAPIView, SwaggerView
from api.errors import views as error_views
from operations import health

urlpatterns = [
    # What is called most stands first: patterns are tried one after the other.
    path("", include("playsessions.urls")),
    path("", include("games.urls")),
    path("", include("users.urls")),
    path("", include("organizations.urls")),
    path("", include("repos.urls")),
    path("admin/", admin.site.urls),
    path("docs", SwaggerView.as_view(url_name="openapi"), name="docs"),
    path("openapi.json", OpenAPIView.as_view(), name="openapi"),
    path("healthz", health.HealthView.as_view(), name="healthz"),
    path("readyz", health.ReadinessView.as_view(), name="readyz"),
]
if settings.METRICS_TOKEN:
    from operations.metrics import metrics

    urlpatterns.append(path("metrics", metrics, name="metrics"))

handler400 = error_views.bad_request
handler403 = error_views.permission_denied
handler404 = error_views.not_found
handler500 = error_views.server_error
