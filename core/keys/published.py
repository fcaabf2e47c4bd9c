"""Keys that the whole world has: whoever uses one shares it with every reader."""

from __future__ import annotations

import base64
from types import MappingProxyType

NODE_IDS = MappingProxyType({"9b989cd5ac65fec52652a457aed6f5fd200edc22": "the set-up documents of Planetmint"})
"""Node ids that are printed somewhere, and where."""

_KEYS = {
    "P+aweH73Hii8RyCmNWbwPsa9o4inq3I+0fSfprVkZa0=": "the set-up documents of Planetmint",
    "W3tqeMCU3d4SHDKqrwQWTahTW/wpieIAKZQxUxLv6rI=": "the set-up documents of BigchainDB",
    "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=": "the private key of 32 zero bytes",
    "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=": "the private key 00 01 02 ... 1f",
    "dqFZIESm5PURJlvKc6YE2QsFKdHfYCvjChmpJXZg0fU=": "the private key of 32 bytes ff",
    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=": "RFC 8032, test 1",
    "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=": "RFC 8032, test 2",
    "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=": "RFC 8032, test 3",
    "J4EX/BRMcjQPZ9DyMW6Dhs7/vyskKMnFH+98WX8dQm4=": "RFC 8032, test 1024",
    "7Bcrk61eVjv0kyxw4SRQNMNUZ+8u/U1k6/gZaDRn4r8=": "RFC 8032, test SHA(abc)",
}

KEYS = MappingProxyType({base64.b64decode(text): where for text, where in _KEYS.items()})
"""Public keys whose private key is printed somewhere, and where."""
