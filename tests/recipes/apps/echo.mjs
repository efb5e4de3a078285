// A service of Protobuf, described without generated code.
import { create, createFileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, file_google_protobuf_wrappers } from '@bufbuild/protobuf/wkt';

const text = { inputType: '.google.protobuf.StringValue', outputType: '.google.protobuf.StringValue' };
const file = create(FileDescriptorProtoSchema, {
  name: 'echo.proto',
  package: 'recipes',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [{
    name: 'Echo',
    method: [{ name: 'Say', ...text }, { name: 'Spell', ...text, serverStreaming: true }, { name: 'Fail', ...text }],
  }],
});
export const Echo = createFileRegistry(file, () => file_google_protobuf_wrappers).getService('recipes.Echo');
