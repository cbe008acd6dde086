export { PLATFORM_APIS } from './apis.js';
export { type AppLabels, appLabels } from './app-labels.js';
export { applicationFilter } from './application-files.js';
export { applicationPins } from './application-pins.js';
export { lackingBuildpacks } from './asked.js';
export type * from './builder.js';
export { BUILDPACK_TOML_LIMIT, readBuildpackToml } from './buildpack-toml.js';
export { type ExpectedBuild, expectedBuild } from './expected.js';
export { type ForeignBuildpack, readForeignBuildpacks } from './foreign.js';
export { createImageReader, type ImageReader } from './image-reader.js';
export type { ImageReading } from './image-reading.js';
export { foreignBuildpacks, withAskedBuildpacks } from './in-play.js';
export { judgePins } from './judge-pins.js';
export {
  BUILD_METADATA,
  buildMetadata,
  fileOrigin,
  LAUNCHER,
  processPath,
  processType,
  runImageLayers,
} from './launch.js';
export { type LaunchedImage, launchedImage } from './launched.js';
export { withGivenOffers } from './offers/given.js';
export type { Offer, OfferedVersion } from './offers/offer.js';
export { type ProbedOffer, withProbedOffers } from './offers/probed.js';
export { type Offers, readOffers } from './offers/read-offers.js';
export { type FaultyPin, type Pin, RUNTIMES, type Runtime } from './pins/pin.js';
export { procfileTypes } from './pins/procfile.js';
export { type PinFiles, readPins } from './pins/read-pins.js';
export { variablePins } from './pins/variable-pins.js';
export { type Probe, type ProbeQuestion, probeAnswer, probesOf } from './probes.js';
export {
  type DescriptorFault,
  type ProjectBuildpack,
  type ProjectDescriptor,
  readProjectDescriptor,
  writeProjectDescriptor,
} from './project-descriptor.js';
export { readBuilder } from './read-builder.js';
export { readBuild } from './read-run-image.js';
