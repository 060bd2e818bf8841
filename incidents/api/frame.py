"""What all views of the API have in common: a key, its page, one transaction for each write, the same answer twice."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction
from django.http.request import RawPostDataException
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.bodies import AnyBody, check_address
from incidents.api.keys import KeyAuthentication, KeyThrottle, actor, demand
from incidents.models import ApiKey, Page
from incidents.models.keys import Scope
from incidents.operations.actors import Actor
from incidents.operations.replies import asked, body_of, is_answered, keep, reserve

M = TypeVar("M", bound=models.Model)
REPEATED = "Idempotent-Replayed"


class Frame(APIView):
    """A view behind a key. `reads` and `writes` are the scopes of which one is needed."""

    authentication_classes = [KeyAuthentication]
    permission_classes = []
    throttle_classes = [KeyThrottle]
    parser_classes = [AnyBody]
    renderer_classes = [JSONRenderer]
    reads: ClassVar[Sequence[Scope]] = (Scope.READ, Scope.INCIDENTS)
    writes: ClassVar[Sequence[Scope]] = (Scope.INCIDENTS,)
    called: ClassVar[dict[str, str]] = {}
    """What a field of an operation is called here, where that is something else."""

    @cached_property
    def at(self) -> datetime:
        """Now, the same for the whole request."""
        return datetime.now(UTC)

    @property
    def key(self) -> ApiKey:
        """Who asks."""
        key = self.request.auth
        assert isinstance(key, ApiKey)  # noqa: S101  (nobody comes in without)
        return key

    @property
    def by(self) -> Actor:
        """Who asks, for the journal."""
        return actor(self.key)

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What takes long, of a write: checking a document, rendering Markdown, searching for the times of a rule.

        Called with the handler's arguments before its transaction begins, and not for a request that was answered
        before. What it finds is kept in a `cached_property` that the handler reads. What it raises is answered.
        """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who it is, whether they may, and that a write happens whole, once, or not at all."""
        check_address(request)
        for name, values in request.query_params.lists():
            if len(values) > 1:
                raise ParseError(f"{name[:80]}: given more than once in the address. Say it once.")
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        safe = request.method in SAFE_METHODS
        demand(self.key, *(self.reads if safe else self.writes))
        if not safe and method in self.http_method_names and hasattr(self, method):
            setattr(self, method, partial(self._whole, getattr(self, method)))

    def _whole(
        self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Carry it out in one transaction; under an Idempotency-Key only if it was not carried out before."""
        name = request.headers.get("Idempotency-Key", "")
        if not name:
            self.before_transaction(request, *args, **kwargs)
            with transaction.atomic():
                return handler(request, *args, **kwargs)
        what = asked(
            self.key, name, method=request.method or "", path=request.get_full_path(), body=_sent(request)
        )
        if not is_answered(what, at=self.at):
            self.before_transaction(request, *args, **kwargs)
        with transaction.atomic():
            reply = reserve(what, at=self.at)
            if reply.status:
                body = body_of(reply)
                said = json.loads(body) if body else None
                return Response(said, status=reply.status, headers={REPEATED: "true"})
            response = handler(request, *args, **kwargs)
            body = "" if response.data is None else JSONRenderer().render(response.data).decode()
            keep(reply, status=response.status_code, body=body)
        return response

    def body(self, shape: type[serializers.Serializer[Any]], name: str) -> Any:
        """What was sent, checked: the object called `name`, or the whole body where that is missing."""
        sent = dict(self.request.data)
        inside = sent.get(name, {key: value for key, value in sent.items() if key != "api_key"})
        checked = shape(data=inside)
        checked.is_valid(raise_exception=True)
        return checked.validated_data


def _sent(request: Request) -> bytes:
    """The body, or what identifies it where it is in parts, which nobody reads twice."""
    files, plain = request.FILES, request._request
    try:
        return plain.body
    except RawPostDataException:
        found = [(name, str(value), "") for name, value in dict(request.data).items() if name not in files]
    for name, file in files.items():
        found.append((name, file.name, hashlib.sha256(file.read()).hexdigest()))
        file.seek(0)
    return repr(sorted(found)).encode()


class PageFrame(Frame):
    """A view about one page, which the key must be for."""

    @cached_property
    def page(self) -> Page:
        """The page in the path. Raises NotFound for one that is none, or another key's."""
        found = Page.objects.filter(code=self.kwargs["page_id"]).first()
        if found is None or self.key.page_id not in {None, found.pk}:
            raise NotFound("There is no such page for this key.")
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The page comes before anything else of the request is looked at."""
        super().initial(request, *args, **kwargs)
        _ = self.page

    def one(self, rows: "models.QuerySet[M]", code: str, what: str) -> M:
        """The row of that code. Raises NotFound naming what there is none of."""
        found = rows.filter(code=code).first()
        if found is None:
            raise NotFound(f"There is no {what} {code[:40]} on this page.")
        return found
