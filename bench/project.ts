import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from './rig.js';

/*
 * The project that whole pipelines are measured on: a Go program that is
 * cross-compiled, an emulated RUN, three platforms, three tags.
 */

export const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
const TAGS = ['1.4.2', '1.4', 'latest'];

/** Every step that costs something depends on STAMP: a new one is a cold build, bases apart. */
const DOCKERFILE = `FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
ARG TARGETOS TARGETARCH STAMP
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w -X main.stamp=$STAMP" -o /greeter .

FROM busybox:1.37
COPY --from=build /greeter /usr/local/bin/greeter
RUN greeter > /etc/greeter
ENTRYPOINT ["/usr/local/bin/greeter"]
`;

const PROGRAM = `package main

import (
	"fmt"
	"runtime"
)

var stamp = "none"

func main() { fmt.Printf("greeter %s %s\\n", stamp, runtime.GOARCH) }
`;

const configuration = (repository: string) => `images:
  - name: ${repository}
    tags: [${TAGS.map((tag) => `"${tag}"`).join(', ')}]
    platforms: [${PLATFORMS.join(', ')}]
    build: { context: ., args: { STAMP: "\${STAMP}" } }
    tests:
      - name: says its stamp
        run: [greeter]
        stdout: '^greeter \${STAMP} '
`;

/** The project in a folder of its own, and the bases where the engine's builder finds them. */
export async function project(repository: string): Promise<string> {
  const place = folder();
  const files = {
    Dockerfile: DOCKERFILE,
    '.dockerignore': '*\n!go.mod\n!main.go\n',
    'go.mod': 'module example.com/greeter\n\ngo 1.24\n',
    'main.go': PROGRAM,
    'sea-trial.yml': configuration(repository),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  return place;
}

/** The tags as options, or as references. */
export function references(repository: string): readonly string[] {
  return TAGS.map((tag) => `${repository}:${tag}`);
}
