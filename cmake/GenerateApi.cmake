# Code generated from the contracts in api/: error codes, the route table, permissions.
set(SP_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
set(SP_API_DIR ${PROJECT_SOURCE_DIR}/api)
set(SP_GENERATOR ${PROJECT_SOURCE_DIR}/api/generate_cpp.py)

# sp_generate(KIND OUTPUT INPUTS…): runs `generate_cpp.py KIND OUTPUT` when an input changes.
function(sp_generate kind output)
  list(TRANSFORM ARGN PREPEND ${SP_API_DIR}/ OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${Python3_EXECUTABLE} ${SP_GENERATOR} ${kind} ${output}
    DEPENDS ${inputs} ${SP_GENERATOR}
    COMMENT "Generating ${kind} from api/"
    VERBATIM)
endfunction()
