/* What pack and the lifecycle say of themselves at the level "debug", at which alone a buildpack is named. */

/** Between these, all that comes is what a buildpack writes. */
export const BUILDPACK_BEGINS = 'Running build command';
export const BUILDPACK_ENDED =
  /^(?:Processing layers|Timer: Builder ran for .*|Finished running build for buildpack .*)$/;

/** What no reader needs: progress of layers, and the words of the level "debug". */
export const NOISE = new RegExp(
  `^(?:${[
    /[\da-f]{12}: (?:Pulling fs layer|Waiting|Verifying Checksum|Download|Pull|Extracting|Already exists).*/,
    /Timer: .*/,
    /(?:Starting \w+|Parsing inputs|Ensuring privileges|Executing command)\.\.\./,
    /(?:Container|Host) Settings:/,
    / {2}(?:Args|System Envs|Image|User|Labels|Binds|Network Mode): .*/,
    /Running the '.*' on OS .*/,
    /(?:Looking up buildpack|Finding plan|Creating plan directory|Preparing paths)/,
    /(?:Updating (?:environment|buildpack processes|process list)|Reading output files)/,
    /(?:Copying SBOM files|Creating SBOM files for legacy BOM|Listing processes)/,
    /(?:Checking for match against descriptor|Run image info in analyzed metadata is): .*/,
    /(?:Reading|Processing) (?:buildpack directory|launch layer|Buildpack Layers directory).*/,
    /(?:Reusing tarball for layer|Layer '|Found SBOM of type|No system buildpacks found).*/,
    /Setting (?:CNB_\w+=|WORKDIR: |ENTRYPOINT: ).*/,
    /Prepending \/cnb\/process and .*/,
    /\{"Reference":.*/,
    /Builder '.*' is (?:un)?trusted.*/,
    /Using (?:image|provided run-image|build cache volume) .*/,
    /Creating builder with the following buildpacks:|-> '.*'/,
    /Builder creation completed, starting image save|Image save completed/,
    /Found image with identifier .*|Retrieving (?:data for|previous image) .*/,
    /Restoring Layer Metadata|Not restoring .*|Writing layer metadata for .*/,
    /Resolving plan\.\.\. .*|Adding app layers|\*\*\* (?:Digest|Manifest Size): .*/,
    /Warning: PACK_VOLUME_KEY is unset.*/,
    /Warning: Detected pack is running in a container.*/,
    /\s*/,
  ]
    .map(({ source }) => source)
    .join('|')})$`,
);
