"""The public names: `__init__.py` loads from here, and so do type checkers and editors."""

from .datasets.command import dataset as dataset
from .demonstration import demo as demo
from .detection.detect import detect_shots as detect_shots
from .detection.export.shots import shots as shots
from .diagnosis import doctor as doctor
from .evaluation.finetune import finetune as finetune
from .evaluation.predict import predict as predict
from .evaluation.probe import probe as probe
from .evaluation.recognition import recognition as recognition
from .evaluation.relations import relations as relations
from .exports.export import export as export
from .figures.attention import attention as attention
from .library.catalogue import Library as Library
from .library.check import check as check
from .library.ingest import ingest as ingest
from .library.remove import remove as remove
from .library.repair import repair as repair
from .models.classifier import load_classifier as load_classifier
from .models.hub import load as load
from .models.hub import push as push
from .moments.embed import embed as embed
from .moments.explore import explore as explore
from .moments.search import search as search
from .moments.searcher import Searcher as Searcher
from .pipeline import run as run
from .reports.report import report as report
from .reports.retrieval import retrieve as retrieve
from .reproduction.command import paper as paper
from .reproduction.command import reproduce as reproduce
from .training.finetune_config import FinetuneConfig as FinetuneConfig
from .training.pretrain import pretrain as pretrain
from .training.pretrain_config import PretrainConfig as PretrainConfig
from .training.pretrain_config import recipe as recipe
from .utils.errors import EruvError as EruvError
from .web.serve import serve as serve

__version__: str
