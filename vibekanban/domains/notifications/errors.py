"""What can go wrong with people's channels."""

from __future__ import annotations

from vibekanban.core.errors import Conflict


class TooManyChannels(Conflict):
    code = "too_many_channels"


class ChannelOff(Conflict):
    """Nothing is sent to a channel that is switched off."""

    code = "channel_off"


class NoSigningSecret(Conflict):
    """Slack signs nothing of ours: its address is the secret."""

    code = "no_signing_secret"
