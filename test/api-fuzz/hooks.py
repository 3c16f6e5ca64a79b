"""Where Schemathesis may send things: only here. Microsoft's own clouds and addresses outside are left alone by a test.

Ids in paths are mostly those of the running system: of a made-up one every route says no more than that it is not there.
"""

import json
import os
import zlib

import schemathesis

# The webhook is a server of the test that takes whatever comes; no mail server listens on this machine.
HERE = {"cloud": "custom", "url": os.environ["MUSTER_SINK_URL"], "host": "127.0.0.1"}
IDS = json.loads(os.environ["MUSTER_KNOWN_IDS"])
ANSWERED_FILE = os.environ["MUSTER_ANSWERED_FILE"]
answered = set()


def _keep_here(value):
    if isinstance(value, dict):
        return {
            name: HERE[name] if name in HERE and isinstance(held, str) else _keep_here(held)
            for name, held in value.items()
        }
    if isinstance(value, list):
        return [_keep_here(held) for held in value]
    return value


def _fill(case, name, held):
    """Three in four, by the id that was made up, so that a seed gives the same requests again."""
    place = zlib.crc32(str(held).encode("utf-8", "replace"))
    removes = case.method.upper() == "DELETE" and case.path == "/integrations/{integrationId}"
    known = IDS.get("removable" if removes else name, [])
    return held if not known or place % 4 == 0 else known[place // 4 % len(known)]


# Of every phase; map_body is not asked for what covers the limits of the schemas.
@schemathesis.hook
def before_call(context, case, kwargs):
    case.body = _keep_here(case.body)
    if case.path_parameters:
        case.path_parameters = {name: _fill(case, name, held) for name, held in case.path_parameters.items()}


@schemathesis.hook
def after_call(context, case, response):
    operation = f"{case.method.upper()} {case.path}"
    if response.status_code < 300 and operation not in answered:
        answered.add(operation)
        with open(ANSWERED_FILE, "a", encoding="utf-8") as file:
            file.write(operation + "\n")
