from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.accounts.actions import create_token, revoke_all_tokens, revoke_token
from cstoannot.accounts.models import Token
from cstoannot.accounts.queries import tokens_of
from cstoannot.api.base import ApiView, read_body, read_query, token_of, user_of
from cstoannot.api.fields import Flag, Shape, Text, Whole
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPages
from cstoannot.api.schema import PROBLEMS, list_parameters, page_of
from cstoannot.projects.models import Role
from cstoannot.projects.queries import projects_of

PAGES = KeysetPages({"-created_at": ("-created", "-token_key")})


class OwnMembership(Shape):
    project = serializers.CharField(help_text="The project's slug.")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class MeOut(Shape):
    username = serializers.CharField()
    display_name = serializers.CharField()
    memberships = OwnMembership(many=True)


class TokenOut(Shape):
    key = serializers.CharField(help_text="Its first characters; names it when you revoke it.")
    name = serializers.CharField()
    read_only = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null: it does not expire.")
    made_with = serializers.CharField(
        allow_null=True,
        help_text="The key of the token that made it, with which it ends; null: a page or command.",
    )
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="To the minute; null: not used yet."
    )
    last_address = serializers.CharField(help_text="The address from which it was used last.")


class NewTokenOut(TokenOut):
    token = serializers.CharField(help_text="The secret itself, shown this once.")


class TokenIn(Shape):
    name = Text(required=False, help_text="What it is for.")
    days = Whole(
        required=False,
        allow_null=True,
        help_text=(
            "How long it lives, 1 to 3650; null for ever. If not said, 365, or as long as the "
            "token that makes it."
        ),
    )
    read_only = Flag(required=False, help_text="It may read, and change nothing.")


def show_token(token: Token) -> dict[str, Any]:
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


class Me(ApiView):
    @extend_schema(
        operation_id="me_read",
        summary="Who you are, and the projects you are in",
        responses={200: MeOut, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        user = user_of(request)
        return Response(
            {
                "username": user.username,
                "display_name": user.display_name,
                "memberships": [
                    {"project": one.project.slug, "name": one.project.name, "role": one.role}
                    for one in projects_of(user)
                ],
            }
        )


class Tokens(ApiView):
    @extend_schema(
        operation_id="tokens_list",
        summary="Your tokens that still work",
        description="Without their secrets, of which only a hash is kept.",
        parameters=list_parameters(PAGES),
        responses={200: page_of(TokenOut), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        read_query(Shape, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, tokens_of(user_of(request), now=timezone.now()), show_token)

    @extend_schema(
        operation_id="tokens_create",
        summary="Make a token",
        description=(
            "The answer holds the secret, once. A token can make others, which end no later than "
            "itself and are revoked with it. 409 for whoever has 20 that work. All end when the "
            "password changes."
        ),
        request=TokenIn,
        responses={201: NewTokenOut, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = read_body(TokenIn, request)
        token, secret = create_token(user_of(request), made_with=token_of(request), **body)
        return Response({**show_token(token), "token": secret}, status=201)

    @extend_schema(
        operation_id="tokens_delete_all",
        summary="Revoke all of your tokens",
        description="Also the one with which you ask.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request) -> Response:
        revoke_all_tokens(user_of(request))
        return Response(status=204)


class OneToken(ApiView):
    @extend_schema(
        operation_id="tokens_delete",
        summary="Revoke one of your tokens",
        description="The tokens that it made end with it.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, key: str) -> Response:
        revoke_token(user_of(request), key=key)
        return Response(status=204)
