"""Where Google's addresses are when the simulator stands in. Start at `google_addresses`."""

from infra.simulator.world import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET

AUTH_PATH = "/o/oauth2/v2/auth"


def google_addresses(base_url: str) -> dict[str, str]:
    """Give the environment that points Tandem to a simulator at `base_url`, its demo client included."""
    base = base_url.rstrip("/")
    return {
        "TANDEM_GOOGLE_API_URL": base,
        "TANDEM_GOOGLE_TASKS_URL": base,
        "TANDEM_GOOGLE_AUTH_URL": f"{base}{AUTH_PATH}",
        "TANDEM_GOOGLE_TOKEN_URL": f"{base}/token",
        "TANDEM_GOOGLE_REVOKE_URL": f"{base}/revoke",
        "TANDEM_GOOGLE_USERINFO_URL": f"{base}/v1/userinfo",
        "TANDEM_GOOGLE_CERTS_URL": f"{base}/oauth2/v3/certs",
        "TANDEM_OAUTH_CLIENT_ID": DEMO_CLIENT_ID,
        "TANDEM_OAUTH_CLIENT_SECRET": DEMO_CLIENT_SECRET,
    }
