"""The API's description, and a page that shows it."""

import functools
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ApiView


@functools.cache
def description() -> dict[str, Any]:
    """The OpenAPI description; it depends on nothing but the code."""
    return SchemaGenerator().get_schema(request=None, public=True)


class Description(ApiView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(description(), content_type="application/vnd.oai.openapi+json")


# Swagger UI styles elements inline; nothing else of the page's policy is loosened.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Documentation(SpectacularSwaggerSplitView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    url_name = "api_schema"
    # What DRF would tell of the view is no page.
    http_method_names = ("get", "head")
