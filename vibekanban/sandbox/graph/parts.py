"""Everything the Graph server is made of, put together once."""

from __future__ import annotations

from pathlib import Path

from vibekanban.sandbox.graph.activities import Activities
from vibekanban.sandbox.graph.calls import Calls
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.consent import Consent
from vibekanban.sandbox.graph.copying import Copying
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.extras import Extras
from vibekanban.sandbox.graph.faults import Faults
from vibekanban.sandbox.graph.incidents import Incidents
from vibekanban.sandbox.graph.later import Later
from vibekanban.sandbox.graph.media import Media
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.reports import Reports
from vibekanban.sandbox.graph.shelves import Shelves
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.throttle import Throttle
from vibekanban.sandbox.graph.tokens import Tokens
from vibekanban.sandbox.graph.webhooks import Webhooks
from vibekanban.sandbox.graph.writing import Writing


class Parts:
    """The one of each kind."""

    def __init__(self, *, seed: int, folder: Path, app_id: str, app_secret: str) -> None:
        self.store = Store(folder)
        self.clock = Clock(self.store)
        self.tokens = Tokens(self.store, self.clock, app_id, app_secret)
        self.incidents = Incidents(self.store, self.clock)
        self.catalogue = Catalogue(self.store, self.clock, seed, self.incidents)
        self.delivery = Delivery(self.store, self.clock, self.catalogue)
        self.reading = Reading(self.store, self.catalogue, self.delivery)
        self.webhooks = Webhooks(self.store, self.clock, app_id, app_secret)
        activities = Activities(self.store, self.clock, app_id)
        self.writing = Writing(self.store, self.clock, self.reading, activities, self.webhooks.announce)
        self.copying = Copying(self.reading, self.writing)
        self.reports = Reports(self.store, self.clock, self.reading)
        self.media = Media(self.store, self.clock, self.reading, self.writing)
        self.shelves = Shelves(self.store, self.clock, self.reading, self.writing, app_id)
        self.extras = Extras(self.store, self.reading)
        self.later = Later(self.store, self.clock, self.reading)
        self.throttle = Throttle(self.store, self.clock)
        self.consent = Consent(self.store, self.clock, self.tokens, self.webhooks)
        self.faults = Faults()
        self.calls = Calls(self.clock)

    def reset(self) -> None:
        """As new: edits, tokens, clock, faults, limits, logs and mails."""
        self.store.clear()
        self.clock.reset()
        self.incidents.forget()
        self.catalogue.forget()
        self.throttle.reset()
        self.webhooks.reset()
        self.faults.rules.clear()
        self.calls.forget()

    def close(self) -> None:
        self.throttle.save()
        self.webhooks.close()
