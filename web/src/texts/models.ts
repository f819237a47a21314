export { models as tModels } from "./en/models";
