"""The variables of a deployment on Google Cloud, as tests set them."""

from __future__ import annotations

import base64
import json
from types import MappingProxyType

ACCOUNT, AUDIENCE = "jobs@p.iam.gserviceaccount.com", "https://jobs.example.com/acme"
KEYS = json.dumps([base64.urlsafe_b64encode(b"k" * 32).decode()])

NEEDED = MappingProxyType(
    {
        "GOOGLE_CLOUD_PROJECT": "p",
        "TANDEM_REGION": "europe-west1",
        "TANDEM_DEPLOYMENT": "acme",
        "TANDEM_KEYS": KEYS,
        "TANDEM_JOBS_ACCOUNT": ACCOUNT,
        "TANDEM_JOBS_AUDIENCE": AUDIENCE,
    }
)
"""What is refused at the start when it is missing, beside addresses."""

ENVIRONMENT = MappingProxyType(
    {**NEEDED, "TANDEM_BACKEND": "gcp", "TANDEM_ENV": "test", "TANDEM_BASE_URL": "https://tandem.example.com"}
)
"""A whole deployment behind one address."""
