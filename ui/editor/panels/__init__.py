"""The panels around the canvas: what they show is the desk, what they do is its actions."""

from ..dialogs.dialogs import Dialogs
from ..window.panel import Panel
from .bar import MenuBar
from .empty_canvas import EmptyCanvas
from .finder import NodeFinder
from .inspector import Inspector
from .lists import HistoryList, LogList
from .menus import Menus
from .pages import Pages
from .scopes import Scopes
from .toast import ToastView
from .tour_panel import TourPanel
from .trail import ScopeTrail


def map_alone() -> tuple[Panel, ...]:
    """The map without anything around it, for a second screen."""
    from ..map_panel.panel import MapPanel

    return (Dialogs(), ToastView(), MapPanel(is_alone=True))


def all_panels() -> tuple[Panel, ...]:
    """Every panel of the editor, and the map."""
    from ..map_panel.panel import MapPanel  # whose tools are made of widgets of these panels

    return (
        MenuBar(),
        Inspector(),
        HistoryList(),
        LogList(),
        Scopes(),
        EmptyCanvas(),
        NodeFinder(),
        Menus(),
        Dialogs(),
        Pages(),
        TourPanel(),
        ScopeTrail(),
        ToastView(),
        MapPanel(),
    )
