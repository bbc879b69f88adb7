import sys; sys.path.insert(0,'/work/wt-g/tests')
from training_for_tests import tiny, train
from eruv.clips.spec import ClipSize
from eruv.training.metrics import read_metrics
def test_it(small_library, tmp_path):
    run = train(small_library.folder, tmp_path/'cpu', tiny(pairs=20, compile=True, size=ClipSize(crop=32)), device='cpu')
    assert [l for l in read_metrics(run.folder) if l['kind']=='train']
