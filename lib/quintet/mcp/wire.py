"""The SDK's HTTP, sent by the one client that asks the egress rules and bounds every answer."""

import anyio
import anyio.to_thread
import httpx2

from quintet.errors import QuintetError
from quintet.platform.http.client import Http
from quintet.platform.http.message import HttpRequest, HttpSettings
from quintet.platform.policy.label import Label

PURPOSE = "mcp"
_OURS = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent"})
_OF_THE_WIRE = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})


class EgressTransport(httpx2.AsyncBaseTransport):
    """Carries requests to one server; the first failure is kept, since the SDK may swallow it."""

    def __init__(self, http: Http, settings: HttpSettings, token: str) -> None:
        self._http = http
        self._settings = settings
        self._token = token
        self.failure: QuintetError | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            # A stream of the server's own would be an answer without a question.
            return httpx2.Response(405, request=request)
        sent = HttpRequest(
            method=request.method,
            url=str(request.url),
            purpose=PURPOSE,
            labels=frozenset({Label.MINE}),
            headers=self._headers(request),
            body=await request.aread(),
            may_repeat=False,
            settings=self._settings,
        )
        try:
            answer = await anyio.to_thread.run_sync(self._http.send, sent, abandon_on_cancel=True)
        except QuintetError as error:
            self.failure = self.failure or error
            raise httpx2.ConnectError(str(error), request=request) from error
        headers = {n: v for n, v in answer.headers.items() if n not in _OF_THE_WIRE}
        return httpx2.Response(answer.status, headers=headers, content=answer.body, request=request)

    def _headers(self, request: httpx2.Request) -> dict[str, str]:
        headers = {n.lower(): v for n, v in request.headers.items() if n.lower() not in _OURS}
        return headers | ({"authorization": f"Bearer {self._token}"} if self._token else {})
