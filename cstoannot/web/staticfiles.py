from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files whose ES modules import each other by their hashed names."""

    support_js_module_import_aggregation = True
