from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.accounts.actions import create_token, revoke_all_tokens, revoke_token
from cstoannot.accounts.models import Token
from cstoannot.accounts.queries import list_working_tokens
from cstoannot.api.base import (
    ApiView,
    find_request_token,
    read_query_parameters,
    read_request_body,
    require_request_user,
)
from cstoannot.api.fields import (
    ApiSerializer,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.models import Role
from cstoannot.projects.queries import list_memberships

PAGES = KeysetPagination({"-created_at": ("-created", "-token_key")})


class OwnMembership(ApiSerializer):
    project = serializers.CharField(help_text="The project's slug.")
    name = serializers.CharField(help_text="The project's name.")
    role = serializers.ChoiceField(choices=Role.choices, help_text="Your role in the project.")
    example_values = {"project": "csto", "name": "CSTO", "role": "annotator"}


class MeOut(ApiSerializer):
    username = serializers.CharField(help_text="Your user name.")
    display_name = serializers.CharField(
        help_text="Your full name, or the user name if there is none."
    )
    memberships = OwnMembership(many=True, help_text="The projects you are in.")
    example_values = {"username": "coder-a", "display_name": "Coder A"}


class TokenOut(ApiSerializer):
    key = serializers.CharField(help_text="The token's first characters. Use them to revoke it.")
    name = serializers.CharField(help_text="What the token is for.")
    read_only = serializers.BooleanField(
        help_text="If true, the token can read but not change anything."
    )
    created_at = serializers.DateTimeField(help_text="When it was created.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null if it never expires.")
    made_with = serializers.CharField(
        allow_null=True,
        help_text=(
            "The key of the token that created this one. Revoking that token revokes this one. "
            "Null if it was created on a page or by a command."
        ),
    )
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="To the minute. Null if it was never used."
    )
    last_address = serializers.CharField(help_text="The IP address of its last use.")
    example_values = {"key": "3f9c2a71", "name": "Notebook", "expires_at": "2026-05-01T12:00:00Z"}


class NewTokenOut(TokenOut):
    token = serializers.CharField(help_text="The secret. It is shown only once.")
    example_values = {"token": "3f9c2a71…"}


class TokenIn(ApiSerializer):
    name = StrictCharField(required=False, help_text="What the token is for.")
    days = StrictIntegerField(
        required=False,
        allow_null=True,
        help_text=(
            "Its lifetime in days, from 1 to 3650. Null means that it never expires. The default "
            "is 365, or less if the token that creates it expires earlier."
        ),
    )
    read_only = StrictBooleanField(
        required=False, help_text="If true, the token can read but not change anything."
    )
    example_values = {"name": "Notebook", "days": 90}


def serialize_token(token: Token) -> dict[str, Any]:
    return {
        "key": token.token_key,
        "name": token.name,
        "read_only": token.read_only,
        "created_at": token.created,
        "expires_at": token.expiry,
        "made_with": token.made_with.token_key if token.made_with else None,
        "last_used_at": token.last_used_at,
        "last_address": token.last_address,
    }


class MeView(ApiView):
    @extend_schema(
        operation_id="me_read",
        summary="Who you are, and the projects you are in",
        responses={200: MeOut, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        user = require_request_user(request)
        return Response(
            {
                "username": user.username,
                "display_name": user.display_name,
                "memberships": [
                    {"project": one.project.slug, "name": one.project.name, "role": one.role}
                    for one in list_memberships(user)
                ],
            }
        )


class TokenListView(ApiView):
    @extend_schema(
        operation_id="tokens_list",
        summary="List your valid tokens",
        description="Secrets are not included. Only their hashes are stored.",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(TokenOut), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(
            request,
            list_working_tokens(require_request_user(request), now=timezone.now()),
            serialize_token,
        )

    @extend_schema(
        operation_id="tokens_create",
        summary="Create a token",
        description=(
            "Only this response contains the secret. A token can create other tokens. They expire "
            "no later than it does and are revoked with it. Returns 409 if you have 20 valid "
            "tokens. Changing your password revokes all of your tokens."
        ),
        request=TokenIn,
        responses={201: NewTokenOut, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = read_request_body(TokenIn, request)
        token, secret = create_token(
            require_request_user(request), made_with=find_request_token(request), **body
        )
        return Response({**serialize_token(token), "token": secret}, status=201)

    @extend_schema(
        operation_id="tokens_delete_all",
        summary="Revoke all of your tokens",
        description="This includes the token that sends the request.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request) -> Response:
        revoke_all_tokens(require_request_user(request))
        return Response(status=204)


class TokenDetailView(ApiView):
    path_descriptions = {"key": "The token's first characters, as the list shows them."}

    @extend_schema(
        operation_id="tokens_delete",
        summary="Revoke one of your tokens",
        description="Tokens that it created are revoked, too.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, key: str) -> Response:
        revoke_token(require_request_user(request), key=key)
        return Response(status=204)
