"""Small questions: a text, a value, a file, a yes or no. The sound plays on behind them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ....graphs import set_value
from ..asks import Ask, ChooseFile, Confirm, TypeText, TypeValue
from ..desk import Desk
from ..typed import read_value
from ..window.panel import Place


class Dialogs:
    """One question at a time; what is asked meanwhile waits."""

    name, title = "dialogs", "Question"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._window: int | None = None
        self._box: int | None = None
        self._done: Callable[[], None] = lambda: None
        self._waiting: list[Ask] = []
        self._is_fresh = 0
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._key)

    @property
    def is_typing(self) -> bool:
        """While a question is open."""
        return self._window is not None

    def takes(self, ask: Ask) -> bool:
        """Open the question."""
        if not isinstance(ask, TypeText | TypeValue | ChooseFile | Confirm):
            return False
        if self._window is not None:
            self._waiting.append(ask)
            return True
        match ask:
            case TypeText():
                self._text(ask.title, ask.text, ask.then, ask.is_long)
            case TypeValue(node, name):
                self._value(node, name)
            case ChooseFile():
                self._file(ask)
            case Confirm():
                self._confirm(ask)
        return True

    def refresh(self, now: float) -> None:
        """Give a fresh box the keys; open what waited."""
        import dearpygui.dearpygui as dpg

        if self._is_fresh and self._box is not None:
            self._is_fresh -= 1
            dpg.focus_item(self._box)
        if self._window is None and self._waiting:
            self.takes(self._waiting.pop(0))

    def close(self) -> None:
        """Give it up."""
        import dearpygui.dearpygui as dpg

        if self._window is not None:
            dpg.delete_item(self._window)
        self._window = self._box = None

    def _open(self, title: str, width: int, height: int) -> int:
        import dearpygui.dearpygui as dpg

        across, down = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        window: int = dpg.add_window(
            label=title,
            width=width,
            height=height,
            pos=[max(0, (across - width) // 2), max(0, (down - height) // 3)],
            no_collapse=True,
            no_saved_settings=True,
            on_close=lambda: self.close(),
        )
        self._window = window
        return window

    def _text(self, title: str, text: str, then: Callable[[str], None], is_long: bool) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open(title, 420, 230 if is_long else 112)
        box = dpg.add_input_text(
            parent=window, default_value=text, width=-1, multiline=is_long, height=130 if is_long else 0
        )
        self._box, self._is_fresh = box, 3

        def done() -> None:
            given = dpg.get_value(box)
            self.close()
            then(given)

        self._buttons(window, (("OK", done), ("Cancel", self.close)))
        self._done = done if not is_long else (lambda: None)

    def _value(self, node: str, name: str) -> None:
        place = self.desk.layout.nodes.get(node)
        if place is None:
            return
        spec = place.spec
        setting = spec.settings.get(name) if spec is not None else None
        if setting is not None and setting.about.file:
            kinds = (".ts", ".pt") if setting.about.file == "model" else ()
            self._file(ChooseFile(f"{node} {name}", kinds, False, lambda path: self._put_file(node, name, path)))
            return
        param = spec.params.get(name) if spec is not None else None
        now = place.node.values.get(name, param.default if param else setting.default if setting else "")
        words = ", ".join(map(str, now)) if isinstance(now, list | tuple) else str(now)

        def typed(text: str) -> None:
            try:
                value = read_value(text, param, setting)
            except ValueError as error:
                self.desk.say(f"{node}.{name}: {error}", "warning", node)
                return
            self._put(node, name, value)

        self._text(f"{node} {name}", words, typed, False)

    def _put_file(self, node: str, name: str, path: Path) -> None:
        folder = self.desk.document.folder
        words = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
        before = self.desk.patch.nodes[node].values.get(name)
        spec = self.desk.palette.get(self.desk.patch.nodes[node].type)
        is_list = spec is not None and isinstance(spec.settings[name].default, tuple)
        known = list(before) if isinstance(before, list | tuple) else []
        self._put(node, name, [*known, words] if is_list else words)

    def _put(self, node: str, name: str, value: Any) -> None:
        self.desk.edit(lambda patch: set_value(patch, node, name, value), f"{node} {name}")

    def _file(self, ask: ChooseFile) -> None:
        import dearpygui.dearpygui as dpg

        def chosen(sender: int, data: dict[str, Any]) -> None:
            self._window = None
            found = data.get("file_path_name", "")
            picks = list(data.get("selections", {}).values())
            path = Path(picks[0] if picks and not ask.is_saving else found)
            if ask.is_saving and ask.kinds and path.suffix not in ask.kinds:
                path = path.with_suffix(ask.kinds[0])
            if ask.is_saving and path.exists():
                self.desk.ask(
                    Confirm(
                        f"{path.name} is there already.",
                        (("Replace", lambda: ask.then(path)), ("Cancel", lambda: None)),
                    )
                )
                return
            ask.then(path)

        def given_up(sender: int, data: object) -> None:
            self._window = None

        with dpg.file_dialog(
            label=ask.title,
            callback=chosen,
            cancel_callback=given_up,
            default_path=str(self.desk.document.folder),
            default_filename=Path(ask.name).stem if ask.name else "",
            directory_selector=ask.is_folder,
            width=720,
            height=460,
            modal=False,
        ) as dialog:
            for kind in ask.kinds:
                dpg.add_file_extension(kind, color=(120, 200, 140, 255))
            if not ask.is_folder:
                dpg.add_file_extension(".*")
        self._window, self._box = dialog, None
        self._done = lambda: None

    def _confirm(self, ask: Confirm) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open("", 430, 118)
        dpg.add_text(ask.text, parent=window, wrap=400)

        def with_close(act: Callable[[], None]) -> Callable[[], None]:
            def done() -> None:
                self.close()
                act()

            return done

        self._buttons(window, tuple((label, with_close(act)) for label, act in ask.choices))
        self._done = with_close(ask.choices[0][1])

    def _buttons(self, window: int, choices: tuple[tuple[str, Callable[[], None]], ...]) -> None:
        import dearpygui.dearpygui as dpg

        with dpg.group(horizontal=True, parent=window):
            for label, act in choices:
                dpg.add_button(label=label, user_data=act, callback=lambda sender, data, act: act())

    def _key(self, sender: int, code: int) -> None:
        import dearpygui.dearpygui as dpg

        if self._window is None:
            return
        if code == dpg.mvKey_Escape:
            self.close()
        elif code == dpg.mvKey_Return:
            self._done()
