"""Meta's Graph API: one gateway for every call, typed failures, pacing, and the sign-in client."""
