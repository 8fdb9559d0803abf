"""Records and reads through a collector of express-audit-ledger: docs/collector.md has the protocol.

Python 3.9 or later alone; copy this file. It redacts nothing (the collector does), and checks no hashes.
"""

import itertools
import json
import os
import random
import time
import urllib.parse
import urllib.request
import uuid
from http.client import HTTPException

MAX_EVENTS = 1_000
MAX_BYTES = 900_000  # a collector takes 1 MiB
TRY_SECONDS = 15  # also the longest wait that is taken from an answer


class AuditError(Exception):
    """`code` is that of docs/errors.md where the collector gave one; `status` that of HTTP, None without an answer."""

    def __init__(self, code, message, status=None):
        super().__init__(message)
        self.code, self.status = code, status


class Client:
    """A ledger that is elsewhere. Threads may share one: it keeps nothing between calls."""

    def __init__(self, url=None, api_key=None, timeout=30.0):
        self._url = (url or os.environ["AUDIT_LEDGER_URL"]).rstrip("/")
        self._key = api_key or os.environ["AUDIT_LEDGER_API_KEY"]
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_AsItIs)

    def event(self, **event):
        """Records an event, and gives its receipt: it is durable. Raises AuditError."""
        (result,) = self.batch([event])
        if isinstance(result, AuditError):
            raise result
        return result

    def batch(self, events):
        """Records events in their order; for each of them, a receipt or an AuditError."""
        results = [None] * len(events)
        for group in _groups([_Event(i, event) for i, event in enumerate(events)]):
            self._deliver(group, results, time.monotonic() + self._timeout)
        return results

    def list(self, tenant_id, **query):
        """A page of entries, newest first, and the cursor of the next one, or None."""
        page = self._ask("/entries", {"tenantId": tenant_id, **query})
        return page["entries"], page.get("nextCursor")

    def get(self, tenant_id, id):
        """One entry, or None."""
        try:
            return self._ask("/entries/" + urllib.parse.quote(id, safe=""), {"tenantId": tenant_id})
        except AuditError as error:
            if error.status == 404:
                return None
            raise

    def _deliver(self, group, results, deadline):
        for attempt in itertools.count():
            status, problem, wait = self._once("/events", _body(group), deadline)
            answers = problem.get("results") if status == 200 else None
            if isinstance(answers, list) and len(answers) == len(group):
                group, problem = _settle(group, answers, results)
            elif status is not None and status != 200 and not _is_passing(status, problem):
                return self._refused(group, status, problem, results, deadline)
            # Whatever else was answered says nothing of any event.
            if not group or not self._pause(attempt, wait, deadline):
                return _fail(group, _error(problem, status, "STORE_UNAVAILABLE"), results)

    def _refused(self, group, status, problem, results, deadline):
        """What is refused is never sent again; of a group it is looked for, and the others are."""
        wrong = {error.get("index"): _error(error, status) for error in problem.get("errors") or []}
        others = [event for i, event in enumerate(group) if i not in wrong]
        if len(others) < len(group):
            for i, event in enumerate(group):
                results[event.place] = wrong.get(i)
            self._deliver(others, results, deadline)
        elif len(group) > 1 and status in (400, 413, 422):
            half = (len(group) + 1) // 2
            self._deliver(group[:half], results, deadline)
            self._deliver(group[half:], results, deadline)
        else:
            _fail(group, _error(problem, status), results)

    def _ask(self, path, query):
        deadline = time.monotonic() + self._timeout
        text = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        for attempt in itertools.count():
            status, answer, wait = self._once(f"{path}?{text}", None, deadline)
            if status == 200 and answer:
                return answer
            if status is not None and status != 200 and not _is_passing(status, answer):
                raise _error(answer, status)
            if not self._pause(attempt, wait, deadline):
                raise _error(answer, status, "STORE_UNAVAILABLE")

    def _once(self, path, body, deadline):
        """One try: the status (None without an answer), the object that was answered, and seconds to wait."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=min(TRY_SECONDS, max(1, deadline - time.monotonic()))) as answer:
                wait = answer.headers.get("Retry-After") or ""
                return answer.status, _object(answer.read()), int(wait) if wait.isdigit() else 0
        except (OSError, HTTPException) as error:
            return None, {"detail": f"No answer: {error}"}, 0

    def _pause(self, attempt, wait, deadline):
        """Waits with jitter, or says that the time is up."""
        seconds = max(random.random() * min(5, 0.1 * 2**attempt), min(wait, TRY_SECONDS))
        if time.monotonic() + seconds > deadline:
            return False
        time.sleep(seconds)
        return True


class _AsItIs(urllib.request.HTTPErrorProcessor):
    def http_response(self, _, response):
        return response  # of redirects, too: the key goes nowhere else

    https_response = http_response


class _Event:
    def __init__(self, place, event):
        # What makes it safe to be sent again is set at the call.
        ms = time.time_ns() // 1_000_000
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"
        self.place = place
        self.is_stamped = event.get("id") is not None and event.get("occurredAt") is None
        given = {name: value for name, value in event.items() if value is not None or name in ("before", "after")}
        self.text = json.dumps({"id": _uuid7(ms), "occurredAt": at, **given})


def _uuid7(ms):
    bits = ms << 80 | 0x7 << 76 | random.SystemRandom().getrandbits(76)
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))


def _groups(events):
    group, size = [], 0
    for event in events:
        if group and (len(group) == MAX_EVENTS or size + len(event.text) > MAX_BYTES):
            yield group
            group, size = [], 0
        group.append(event)
        size += len(event.text)
    if group:
        yield group


def _body(group):
    stamped = [i for i, event in enumerate(group) if event.is_stamped]  # a repeated call may be later
    return f'{{"events":[{",".join(event.text for event in group)}],"stamped":{stamped}}}'.encode()


def _fail(group, error, results):
    for event in group:
        results[event.place] = error


def _settle(group, answers, results):
    """Keeps receipts and refusals; gives what is to be sent again, and why."""
    again, why = [], {}
    for event, answer in zip(group, answers):
        error = answer.get("error") or {}
        if answer.get("receipt"):
            results[event.place] = answer["receipt"]
        elif _is_passing(error.get("status", 500), error):
            again.append(event)
            why = error
        else:
            results[event.place] = _error(error, error.get("status"))
    return again, why


def _is_passing(status, problem):
    return status in (408, 429) or status >= 500 or problem.get("code") in ("QUEUE_FULL", "CLOSED")


def _error(problem, status, code=None):
    known = "KEY_REFUSED" if status in (401, 403) else "INVALID_EVENT"
    code = code or problem.get("code") or known
    return AuditError(code, problem.get("detail") or f"The collector answered {status}.", status)


def _object(body):
    try:
        value = json.loads(body)
    except ValueError:
        return {}  # a page of a proxy's
    return value if isinstance(value, dict) else {}
