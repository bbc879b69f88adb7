# eruv on a machine without a GPU:
#
#   docker build --build-arg TORCH_INDEX=URL -t eruv .     # URL: PyTorch's CPU builds, as its installation page gives it
#   docker run --rm -v "$PWD:/work" eruv run videos --to out
#   docker run --rm -v "$PWD:/work" -p 8340:8340 eruv serve out/library --host 0.0.0.0
#
# Without TORCH_INDEX torch is the CUDA build, for docker run --gpus all.
FROM python:3.11-slim

ARG TORCH_INDEX=
RUN pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0

COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
RUN pip install --no-cache-dir '/source[demo,web]' && rm -r /source && eruv doctor

WORKDIR /work
ENTRYPOINT ["eruv"]
