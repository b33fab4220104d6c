"""Completing the OpenAPI document: names, summaries and the errors of each route."""

from collections.abc import Iterator
from http.client import responses
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from api.schemas.errors import ErrorAnswer

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}


class DocumentedAPI(NinjaAPI):
    """An API whose document says of each route what it can refuse, and how."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The route function's name, which is unique over all areas."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The document, with summaries and errors filled in."""
        document = super().get_openapi_schema(**given)
        schemas = document["components"]["schemas"]
        error = ErrorAnswer.model_json_schema(
            ref_template=REF_TEMPLATE, mode="serialization"
        )
        schemas.update(error.pop("$defs", {}))
        schemas["ErrorAnswer"] = error
        for operations in document["paths"].values():
            for method, details in operations.items():
                _complete(method, details)
        return document


def routes(api: NinjaAPI) -> Iterator[tuple[str, str, Operation]]:
    """Every route as method, path template and operation."""
    for router in api._get_bound_routers():  # noqa: SLF001 - ninja has no public list
        for path, view in router.path_operations.items():
            full_path = "/".join(part.strip("/") for part in (router.prefix, path))
            for operation in view.operations:
                for method in operation.methods:
                    yield method, "/" + full_path.strip("/"), operation


def _complete(method: str, details: dict[str, Any]) -> None:
    summary, _, rest = details.pop("description", "").partition("\n")
    details["summary"] = summary.rstrip(".") or details["summary"]
    if rest.strip():
        details["description"] = rest.strip()
    for status in _errors(method, details):
        details["responses"].setdefault(
            status, {"description": responses[status], "content": ERROR}
        )
    details["responses"]["default"] = {"description": "Any error", "content": ERROR}


def _errors(method: str, details: dict[str, Any]) -> Iterator[int]:
    """The statuses that a route of this shape can refuse with."""
    places = {parameter["in"] for parameter in details.get("parameters", [])}
    yield from (401, 403)
    if "header" in places:  # an idempotency key: money moves
        yield 402
    if "path" in places:
        yield 404
    if method != "get":
        yield 409
    if places or "requestBody" in details:
        yield 422
    if "header" in places:
        yield 429
