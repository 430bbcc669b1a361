"""The documentation site: ``uv run --group docs sphinx-build -W docs site``.

The notebooks are copied beside the pages and run; ``-D nb_execution_mode=off`` leaves their results out.
Sphinx with the PyData theme, as astropy, numpy and the Rubin stack have it: readers know where things are.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import platform
import sys
from pathlib import Path

import cutout_widgets
from cutout_widgets.compat import analysis_ap

HERE = Path(__file__).parent
sys.path.append(str(HERE))

project = "cutout_widgets"
author = copyright = "The cutout_widgets developers"
version = release = cutout_widgets.__version__

extensions = [
    "myst_nb",
    "site_grids",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "tutorials/sanitize.cfg", "tutorials/cutout-widgets-demo"]
suppress_warnings = ["myst.header"]  # a page of the changelog begins at its own level

# Pages --------------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_substitutions = {"release": cutout_widgets.__version__, "python": platform.python_version()}
myst_heading_anchors = 3

# Tutorials: the folder notebooks/, run when the site is built ----------------------------------------

# Their shell lines find `cutout-widgets` also where the environment is not activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

TUTORIALS = HERE / "tutorials"
TUTORIALS.mkdir(exist_ok=True)
for path in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"]["language_info"] = {
        "name": "python",
        "pygments_lexer": "ipython3",
    }  # "!ls" is no error
    (TUTORIALS / path.name).write_text(json.dumps(notebook), "utf-8")

nb_execution_mode = "cache"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_excludepatterns = [] if importlib.util.find_spec("lsst") else ["*03_*"]
# Grids are shown as site_grids.py writes them, which needs neither a kernel nor a network.
nb_mime_priority_overrides = [
    ("html", "text/html", 0),
    ("html", "application/vnd.jupyter.widget-view+json", None),
]
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

default_role = "py:obj"  # `CutoutGrid` in a docstring leads to its page

# Reference: docstrings ----------------------------------------------------------------------------------

autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autosummary_context = {  # a name has one page: that of the package, not those of its parts; modules have none
    "elsewhere": {*cutout_widgets.__all__, *(name for name in analysis_ap.__all__ if name[0].islower())}
}
cutout_widgets.CutoutGrid.__signature__ = inspect.signature(
    cutout_widgets.CutoutGrid
)  # not that of any widget
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autoclass_content = "class"
napoleon_google_docstring = False
napoleon_use_rtype = False
templates_path = ["templates"]

# Look ------------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "cutout_widgets"
html_static_path = ["images", "style"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "logo": {"text": "cutout_widgets"},
    "navigation_with_keys": False,
    "show_version_warning_banner": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_logo = html_favicon = "images/logo.svg"
html_sidebars = {name: [] for name in ("index", "start", "demo", "gallery")}  # pages without pages below them
html_show_sourcelink = False
html_copy_source = False
