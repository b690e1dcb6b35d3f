# SPDX-License-Identifier: Apache-2.0
"""Checks answers of the console against api/openapi.yaml."""
from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[2]
URI = "urn:streampark:openapi"


class ContractViolation(AssertionError):
    """The console's answer is not what the contract says."""


def _python_pattern(pattern: str) -> str:
    """The contract's patterns use Unicode classes that Python's `re` lacks."""
    return pattern.replace(r"\p{L}", r"a-zA-Z\u00c0-\uffff").replace(r"\p{N}", "0-9")


def _check_pattern(_validator: Any, pattern: str, instance: Any, _schema: Any):
    if isinstance(instance, str) and not re.search(_python_pattern(pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = extend(Draft202012Validator, {"pattern": _check_pattern})


@dataclass(frozen=True)
class Operation:
    operation_id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    responses: dict[str, Any]


class Contract:
    """One parsed api/openapi.yaml; immutable, so it may be shared."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = Registry().with_resource(URI, Resource(contents=document, specification=DRAFT202012))
        self.operations = [
            Operation(item[method]["operationId"], method.upper(), template,
                      re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)) + "$"),
                      item[method]["responses"])
            for template, item in document["paths"].items()
            for method in ("get", "post", "put", "patch", "delete") if method in item]

    def find(self, method: str, path: str) -> Operation:
        # A path without a parameter wins over one with: /clusters/check is no cluster's id.
        matching = [o for o in self.operations if o.method == method and o.pattern.match(path)]
        if not matching:
            raise ContractViolation(f"the contract has no {method} {path}")
        return min(matching, key=lambda operation: operation.template.count("{"))

    def check(self, method: str, path: str, status: int, content_type: str, body: Any) -> None:
        """Raises ContractViolation unless the contract allows this answer."""
        operation = self.find(method, path)
        key = str(status) if str(status) in operation.responses else "default"
        where = f"{method} {operation.template} answered {status}"
        if key not in operation.responses:
            raise ContractViolation(f"{where}, which it may not")
        response, pointer = self._resolve(operation, key)
        media = content_type.split(";")[0].strip()
        content = response.get("content")
        if not content:
            if body not in (None, "", b""):
                raise ContractViolation(f"{where} with a body")
            return
        if media not in content:
            raise ContractViolation(f"{where} as {media or 'nothing'}, not as {' or '.join(content)}")
        if media.endswith("json"):
            self._validate(f"{pointer}/content/{_escaped(media)}/schema", body, where)

    def _resolve(self, operation: Operation, key: str) -> tuple[dict[str, Any], str]:
        """The response's description and the JSON pointer to it."""
        response = operation.responses[key]
        if "$ref" in response:
            name = response["$ref"].removeprefix("#/components/responses/")
            return self._document["components"]["responses"][name], response["$ref"].removeprefix("#")
        return response, f"/paths/{_escaped(operation.template)}/{operation.method.lower()}/responses/{key}"

    def _validate(self, pointer: str, body: Any, where: str) -> None:
        validator = self._validator(pointer)
        faults = sorted(validator.iter_errors(body), key=lambda fault: list(map(str, fault.absolute_path)))
        if faults:
            first = faults[0]
            at = "/".join(map(str, first.absolute_path)) or "the body"
            raise ContractViolation(f"{where}; {at}: {first.message} ({len(faults)} faults)")

    @functools.lru_cache(maxsize=None)  # noqa: B019 - one contract lives as long as the process
    def _validator(self, pointer: str) -> Any:
        return _Validator({"$ref": f"{URI}#{pointer}"}, registry=self._registry, format_checker=FormatChecker())


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


@functools.cache
def contract() -> Contract:
    return Contract(yaml.load((ROOT / "api/openapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
