"""Static files are collected when one has changed, and only then."""

from pathlib import Path

from django.contrib.staticfiles.finders import FileSystemFinder

from cstoannot.web import staticfiles


def test_static_files_are_collected_again_only_when_one_has_changed(
    settings, tmp_path, monkeypatch
):
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("p { color: red }")
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    settings.STATICFILES_DIRS = [source]
    monkeypatch.setattr(staticfiles, "get_finders", lambda: [FileSystemFinder()])
    assert staticfiles.collect_static_files()
    assert not staticfiles.collect_static_files()
    (source / "page.css").write_text("p { color: green }")
    assert staticfiles.collect_static_files()
    assert not staticfiles.collect_static_files()
    (source / "new.js").write_text("export {};")
    assert staticfiles.collect_static_files()
    assert (Path(settings.STATIC_ROOT) / "collected-from").exists()
