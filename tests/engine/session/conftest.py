"""An engine's link with a client, for all tests of the link."""

from .test_link import _own_folder, client, hosted, news, player, server

__all__ = ["_own_folder", "client", "hosted", "news", "player", "server"]
