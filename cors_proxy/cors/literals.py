"""Closed sets of words.  Each is written once, here: the policy's values of a key, the kinds of
requests, the modes, the forms of a pattern.  The policy reader gets its choices by `get_args`."""

from typing import Literal

# What a request is.  A preflight is one whatever else it carries (an Upgrade, say).
Kind = Literal["preflight", "request", "websocket"]

# What is done with a decision.  A route with `cors: off` has no mode.
Mode = Literal["enforce", "headers", "report"]
RouteMode = Literal["enforce", "headers", "report", ""]

# `cors.without_origin`: which requests without Origin are forwarded
WithoutOrigin = Literal["allow", "fetch-metadata", "isolate", "deny"]

# `without_origin: {isolate: {embed: […]}}`: https://fetch.spec.whatwg.org/#concept-request-destination
Embed = Literal["image", "script", "style", "audio", "video", "track", "iframe", "frame", "object", "embed"]

# `cors.preflight.list`: what Allow-Methods and Allow-Headers name
PreflightList = Literal["asked", "full"]

# `cors.preflight.refusal`: whether an allowed origin is told why its preflight is refused
PreflightRefusal = Literal["readable", "bare"]

# `cors.resource_policy`: https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
ResourcePolicy = Literal["same-origin", "same-site", "cross-origin"]

# `cors.storage_access`: https://privacycg.github.io/storage-access-headers/
StorageAccess = Literal["none", "retry"]

# `amp.source_origin`: what is done with `__amp_source_origin` in the query
SourceOrigin = Literal["strip", "keep", "check"]

# `dangerously_allow`: the words that let an ambiguous path through
PathWord = Literal["encoded-slashes", "empty-segments", "path-variants"]

# The forms of an origin pattern
PatternForm = Literal["any", "null", "exact", "host", "subdomains", "part", "scheme"]
